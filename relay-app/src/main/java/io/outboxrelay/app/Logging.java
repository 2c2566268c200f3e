package io.outboxrelay.app;

import ch.qos.logback.classic.LoggerContext;
import io.outboxrelay.settings.Settings;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** How much the relay says; its lines go to standard error. */
final class Logging {
  private static final String OURS = "io.outboxrelay";

  private Logging() {}

  /** Reads {@code log.level}, which also lets the client libraries speak from {@code debug} on. */
  static Level level(Settings root) {
    return root.section("log").choice("level", Level.INFO);
  }

  static void setLevel(Level level) {
    var logback = (LoggerContext) LoggerFactory.getILoggerFactory();
    for (var logger : logback.getLoggerList()) {
      if (logger.getName().equals(OURS)) {
        logger.setLevel(ch.qos.logback.classic.Level.convertAnSLF4JLevel(level));
      } else if (logger.getLevel() != null && level.compareTo(Level.DEBUG) >= 0) {
        logger.setLevel(ch.qos.logback.classic.Level.INFO);
      }
    }
  }
}
