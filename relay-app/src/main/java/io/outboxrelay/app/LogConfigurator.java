package io.outboxrelay.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.CoreConstants;
import ch.qos.logback.core.pattern.DynamicConverter;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Configures Logback before the settings are read. {@link LoggingSetup} later applies the settings
 * of the section {@code log}.
 *
 * <p>Without this class, Logback would parse an XML file, which takes a seventh of the main
 * thread's processor time until the relay is started. If the system property {@code
 * logback.configurationFile} names a file, a resource or a URL, Logback reads that instead.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {
  private static final String FILE = "logback.configurationFile";
  private static final String PATTERN = "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5level %plainMsg%n%plainEx";

  /** The levels of the loggers that have another level than the root logger. */
  private static final Map<String, Level> LEVELS =
      Map.of(
          // While a broker is unavailable or refuses, Kafka repeats messages that the relay logs
          // once.
          "org.apache.kafka", Level.ERROR,
          "org.apache.kafka.clients.NetworkClient", Level.OFF,
          // Micrometer warns of two pools that share one meter, which an operator need not know.
          "io.micrometer", Level.ERROR,
          // The relay itself logs once that the collector is unavailable.
          "io.opentelemetry", Level.OFF,
          // The PostgreSQL client logs the server's notices here, such as those about objects that
          // exist already when init runs.
          "io.vertx.sqlclient.impl.SocketConnectionBase", Level.ERROR,
          "io.outboxrelay", Level.INFO);

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    String file = System.getProperty(FILE);
    if (file != null && isPresent(file)) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    context.getStatusManager().add(new NopStatusListener());
    // Messages contain text of events, which must not forge log lines or control a terminal.
    context.putObject(CoreConstants.PATTERN_RULE_REGISTRY_FOR_SUPPLIERS, converters());
    // The level is WARN, because the client libraries log their whole configuration at INFO.
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(console(context));
    LEVELS.forEach((name, level) -> context.getLogger(name).setLevel(level));
    if (file != null) {
      context
          .getLogger(LogConfigurator.class)
          .warn(
              "the property {} names {}, which does not exist; the log is configured without it",
              FILE,
              file);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static boolean isPresent(String file) {
    try {
      return file.contains("://")
          || file.startsWith("file:")
          || LogConfigurator.class.getClassLoader().getResource(file) != null
          || Files.isRegularFile(Path.of(file));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static Map<String, Supplier<DynamicConverter<?>>> converters() {
    return new HashMap<>(Map.of("plainMsg", PlainMessage::new, "plainEx", PlainThrowable::new));
  }

  private static ConsoleAppender<ILoggingEvent> console(LoggerContext context) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    var lines = new ConsoleAppender<ILoggingEvent>();
    lines.setContext(context);
    lines.setName(LoggingSetup.APPENDER);
    lines.setTarget("System.err");
    lines.setEncoder(encoder);
    encoder.setParent(lines);
    encoder.start();
    lines.start();
    return lines;
  }
}
