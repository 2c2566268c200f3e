package io.outboxrelay.app;

/**
 * Thrown if the configuration file cannot be read. The message contains the reason and, for invalid
 * YAML, the position.
 */
final class ConfigFileException extends RuntimeException {
  ConfigFileException(String message) {
    super(message, null, false, false);
  }
}
