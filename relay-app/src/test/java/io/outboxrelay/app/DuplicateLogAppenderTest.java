package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A repeated message is logged once, and once more with the number of repeats. */
class DuplicateLogAppenderTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = context.getLogger("relay");

  private DuplicateLogAppender bursts(Duration window) {
    context.setMDCAdapter(new LogbackMDCAdapter());
    lines.setContext(context);
    lines.start();
    var bursts = new DuplicateLogAppender(lines, window);
    bursts.setContext(context);
    bursts.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(bursts);
    return bursts;
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  void aBurstIsItsFirstLineAndItsLastWithACount() {
    var bursts = bursts(LONG);
    for (int n = 1; n <= 1_413; n++) {
      logger.warn("event {} was rejected", n);
    }
    assertThat(said()).containsExactly("event 1 was rejected");
    bursts.stop();
    assertThat(said())
        .containsExactly(
            "event 1 was rejected",
            "event 1413 was rejected (and 1,411 more of the same in the last 3600 s)");
  }

  @Test
  void theCountComesByItselfWhenTheWindowIsOver() {
    bursts(Duration.ofMillis(50));
    for (int n = 1; n <= 10; n++) {
      logger.warn("event {} was rejected", n);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> said().size() >= 2);
    assertThat(said().get(said().size() - 1)).startsWith("event 10 was rejected");
  }

  @Test
  void oneMoreIsSaidAsItIs() {
    var bursts = bursts(LONG);
    logger.warn("no answer");
    logger.warn("no answer");
    bursts.stop();
    assertThat(said()).containsExactly("no answer", "no answer");
  }

  @Test
  void differentFailuresAndDestinationsAreToldApart() {
    bursts(LONG);
    logger.warn("no answer from {}", "a");
    logger.error("no answer from {}", "a");
    logger.warn("it was refused");
    for (String destination : List.of("orders", "bills")) {
      logger
          .atWarn()
          .addKeyValue("destination", destination)
          .log("{} accepts nothing", destination);
    }
    assertThat(said())
        .containsExactly(
            "no answer from a",
            "no answer from a",
            "it was refused",
            "orders accepts nothing",
            "bills accepts nothing");
  }

  @Test
  void aLineThatReportsNoFailureIsNeverHeldBack() {
    bursts(LONG);
    for (int n = 0; n < 3; n++) {
      logger.info("leading shard {}", n);
    }
    assertThat(said()).hasSize(3);
  }

  @Test
  void moreKindsThanAreToldApartAreOneKind() {
    var bursts = bursts(LONG);
    for (int n = 1; n <= 95_000; n++) {
      logger.atWarn().addKeyValue("destination", n).log("{} is closed", n);
    }
    logger.error("another level");
    assertThat(said()).hasSize(100 + 1 + 1);

    bursts.stop();
    assertThat(said())
        .hasSize(100 + 1 + 1 + 1)
        .endsWith("95000 is closed (and 94,898 more lines of other kinds in the last 3600 s)");
  }

  private List<String> said() {
    return List.copyOf(lines.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
