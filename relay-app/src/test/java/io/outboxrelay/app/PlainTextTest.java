package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Text of events can neither forge lines of a log nor control a terminal. */
class PlainTextTest {
  private static final String EVIL =
      "a\n2026-03-01 12:00:00.000 ERROR forged\r\u001b[31m\u009b1m\u202e\u2066\u0000\u2028";

  @Test
  void controlCharactersAreWrittenOut() {
    assertThat(PlainText.line(EVIL))
        .isEqualTo(
            "a\\n"
                + "2026-03-01 12:00:00.000 ERROR forged\\r"
                + "\\u001b[31m\\u009b1m\\u202e\\u2066\\u0000\\u2028");
    assertThat(PlainText.lines("a\tb\nc\u001b")).isEqualTo("a\tb\nc\\u001b");
    assertThat(PlainText.line("Größe 東京 😀 ע")).isEqualTo("Größe 東京 😀 ע");
  }

  @Test
  void theTextLogForgesNothing() throws Exception {
    var logged = new ByteArrayOutputStream();
    var logger = logger(logged);

    logger.warn("{} was rejected: {}", EVIL, EVIL);
    logger.warn(EVIL);
    logger.warn("one of {}", 1, new IllegalStateException(EVIL, new RuntimeException(EVIL)));

    String text = logged.toString(StandardCharsets.UTF_8);
    assertThat(text)
        .doesNotContain("\u001b", "\r", "\u009b", "\u202e", "\u2066", "\u0000", "\u2028")
        .contains("IllegalStateException", "Caused by: ", "PlainTextTest");
    assertThat(text.lines().filter(line -> line.startsWith("20"))).hasSize(3);
    assertThat(text.lines().filter(line -> line.startsWith("20")))
        .noneMatch(line -> line.contains(" ERROR forged") && !line.contains(" WARN "));
  }

  /**
   * Returns a logger with the layout of the relay's own configuration, which writes to {@code to}.
   */
  private static Logger logger(ByteArrayOutputStream to) {
    var context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    new LogConfigurator().configure(context);
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    var console = (ConsoleAppender<ILoggingEvent>) root.getAppender("stderr");
    var encoder = (PatternLayoutEncoder) console.getEncoder();
    var appender = new OutputStreamAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(to);
    appender.start();
    var logger = context.getLogger("test");
    logger.setAdditive(false);
    logger.addAppender(appender);
    return logger;
  }
}
