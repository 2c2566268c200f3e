package io.outboxrelay.app;

/**
 * The configuration file cannot be read; the message has the reason and, for invalid YAML, the
 * position.
 */
final class ConfigFileException extends RuntimeException {
  ConfigFileException(String message) {
    super(message, null, false, false);
  }
}
