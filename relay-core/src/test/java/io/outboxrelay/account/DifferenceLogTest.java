package io.outboxrelay.account;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.sqlclient.SqlClient;
import java.lang.reflect.Proxy;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DifferenceLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(DifferenceLog.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final DifferenceLog log =
      new DifferenceLog(noDatabase(), new OutboxNames("public", "outbox"));

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
  }

  @Test
  void aDifferenceIsLoggedWhenItIsFoundWhenItChangesAndWhenItIsGone() {
    log.tell(List.of(difference(3, 1)));
    log.tell(List.of(difference(3, 1)));
    log.tell(List.of(difference(3, 2)));
    log.tell(List.of());
    log.tell(List.of());

    assertThat(lines.list)
        .extracting(ILoggingEvent::getLevel)
        .containsExactly(Level.ERROR, Level.ERROR, Level.INFO);
    assertThat(gone()).hasSize(1);
  }

  @Test
  void aDifferenceThatNoLongerFitsIntoTheListIsNotCalledGone() {
    log.tell(List.of(difference(5_000, 1)));
    log.tell(
        LongStream.range(0, DifferenceLog.MOST).mapToObj(range -> difference(range, 1)).toList());

    assertThat(gone()).isEmpty();
  }

  @Test
  void aDifferenceBelowTheLastOneOfAFullListIsGoneIfItIsNotInTheList() {
    log.tell(List.of(difference(0, 1)));
    log.tell(
        LongStream.rangeClosed(1, DifferenceLog.MOST)
            .mapToObj(range -> difference(range, 1))
            .toList());

    assertThat(gone()).hasSize(1);
  }

  private List<String> gone() {
    return lines.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.contains("is gone"))
        .toList();
  }

  private static AccountDifference difference(long range, long lost) {
    return new AccountDifference(range, 10, 10 + lost, OffsetDateTime.MIN);
  }

  private static SqlClient noDatabase() {
    return (SqlClient)
        Proxy.newProxyInstance(
            SqlClient.class.getClassLoader(),
            new Class<?>[] {SqlClient.class},
            (proxy, method, arguments) -> {
              throw new AssertionError("nothing is read: " + method);
            });
  }
}
