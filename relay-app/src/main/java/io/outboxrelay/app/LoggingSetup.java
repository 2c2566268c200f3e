package io.outboxrelay.app;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import io.outboxrelay.settings.Settings;
import java.time.Duration;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.fieldnames.LogstashCommonFieldNames;
import net.logstash.logback.fieldnames.LogstashFieldNames;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.slf4j.event.Level;

/**
 * The section {@code log}: the level and the format of the log on standard error.
 *
 * @param level the level of the relay's own lines; with {@code debug} or {@code trace} the client
 *     libraries log at {@code info}
 * @param format the format of each line
 */
record LoggingSetup(Level level, Format format) {
  private static final String OURS = "io.outboxrelay";
  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(LoggingSetup.class);
  private static final String BURSTS = "bursts";

  /** The name of the appender that writes the lines. */
  static final String APPENDER = "stderr";

  private static final Duration BURST = Duration.ofSeconds(10);

  private static volatile boolean json;

  /** The format of a line. */
  enum Format {
    TEXT,
    JSON
  }

  /** Reads the section {@code log}. */
  static LoggingSetup from(Settings root) {
    var in = root.section("log");
    return new LoggingSetup(in.choice("level", Level.INFO), in.choice("format", Format.TEXT));
  }

  /** Returns a copy with the level {@code debug}. */
  LoggingSetup verbose() {
    return new LoggingSetup(Level.DEBUG, format);
  }

  /** Returns true if everything on standard error is JSON now. */
  static boolean isJson() {
    return json;
  }

  /** Applies these settings to the log of the process. */
  void start() {
    setLevel();
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    var root = root();
    var console = root.getAppender(APPENDER);
    if (console instanceof ConsoleAppender<ILoggingEvent> lines) {
      root.detachAppender(lines);
      json = format == Format.JSON;
      if (json) {
        speakJson(lines);
      }
      root.addAppender(started(new DuplicateLogAppender(lines, BURST)));
    }
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) ->
            LOG.error("the thread {} ended unexpectedly", thread.getName(), failure));
  }

  /** Writes the lines that {@link DuplicateLogAppender} holds back, and stops the log. */
  static void stop() {
    root().getLoggerContext().stop();
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  private static Appender<ILoggingEvent> started(DuplicateLogAppender bursts) {
    bursts.setName(BURSTS);
    bursts.setContext(root().getLoggerContext());
    bursts.start();
    return bursts;
  }

  private static void speakJson(ConsoleAppender<ILoggingEvent> lines) {
    var names = new LogstashFieldNames();
    names.setTimestamp("time");
    names.setLogger("logger");
    names.setThread("thread");
    names.setVersion(LogstashCommonFieldNames.IGNORE_FIELD_INDICATOR);
    names.setLevelValue(LogstashCommonFieldNames.IGNORE_FIELD_INDICATOR);
    var encoder = new LogstashEncoder();
    encoder.setContext(root().getLoggerContext());
    encoder.setFieldNames(names);
    encoder.start();
    lines.setEncoder(encoder);
  }

  private void setLevel() {
    var logback = root().getLoggerContext();
    for (var logger : logback.getLoggerList()) {
      if (logger.getName().equals(OURS)) {
        logger.setLevel(ch.qos.logback.classic.Level.convertAnSLF4JLevel(level));
      } else if (logger.getLevel() != null && level.compareTo(Level.DEBUG) >= 0) {
        logger.setLevel(ch.qos.logback.classic.Level.INFO);
      }
    }
  }
}
