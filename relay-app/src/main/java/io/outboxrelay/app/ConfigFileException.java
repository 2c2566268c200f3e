package io.outboxrelay.app;

/** The configuration file cannot be read; the message says why, and where in it. */
final class ConfigFileException extends RuntimeException {
  ConfigFileException(String message) {
    super(message, null, false, false);
  }
}
