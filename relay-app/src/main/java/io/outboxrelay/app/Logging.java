package io.outboxrelay.app;

import ch.qos.logback.classic.Logger;
import io.outboxrelay.settings.Settings;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** How much the relay says; its lines go to standard error. */
final class Logging {
  private Logging() {}

  /** Reads {@code log.level}, which also lets the client libraries speak from {@code debug} on. */
  static Level level(Settings root) {
    return root.section("log").choice("level", Level.INFO);
  }

  static void setLevel(Level level) {
    level("io.outboxrelay", level);
    if (level.compareTo(Level.DEBUG) >= 0) {
      level(Logger.ROOT_LOGGER_NAME, Level.INFO);
    }
  }

  private static void level(String logger, Level level) {
    ((Logger) LoggerFactory.getLogger(logger))
        .setLevel(ch.qos.logback.classic.Level.convertAnSLF4JLevel(level));
  }
}
