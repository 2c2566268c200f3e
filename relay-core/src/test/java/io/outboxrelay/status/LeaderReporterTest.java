package io.outboxrelay.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A report is written on a change and at intervals, and not each time that it is offered. */
class LeaderReporterTest {
  private long now = 1;
  private int writes;
  private boolean isLog;
  private final LeaderReporter reporter =
      new LeaderReporter(new OutboxNames("public", "outbox"), () -> now);

  /** Refuses every query, after counting it. */
  private final SqlClient database =
      (SqlClient)
          Proxy.newProxyInstance(
              SqlClient.class.getClassLoader(),
              new Class<?>[] {SqlClient.class},
              (proxy, method, arguments) -> {
                writes++;
                throw new IllegalStateException("refused");
              });

  @Test
  void aQuietShardIsReportedTwiceAMinute() {
    assertThat(writesIn(600, second -> report(Optional.empty()))).isEqualTo(20);
  }

  @Test
  void reasonsThatChangeAllTheTimeAreReportedSixTimesAMinute() {
    assertThat(writesIn(600, second -> report(Optional.of("reason " + second)))).isEqualTo(60);
  }

  @Test
  void troubleThatBeginsOrEndsIsReportedAtOnce() {
    assertThat(writesIn(2, second -> report(Optional.empty()))).isEqualTo(1);
    assertThat(writesIn(2, second -> report(Optional.of("away")))).isEqualTo(1);
    assertThat(writesIn(2, second -> report(Optional.empty()))).isEqualTo(1);
  }

  @Test
  void aChangeOfTheSourceIsReportedAtOnce() {
    assertThat(writesIn(2, second -> report(Optional.empty()))).isEqualTo(1);
    isLog = true;
    assertThat(writesIn(2, second -> report(Optional.empty()))).isEqualTo(1);
    assertThat(writesIn(8, second -> report(Optional.empty()))).isZero();
  }

  @Test
  void aShardThatIsTakenOverAgainIsReportedAtOnce() {
    assertThat(writesIn(2, second -> report(Optional.empty()))).isEqualTo(1);
    assertThat(reporter.write(database, List.of()).succeeded()).isTrue();
    assertThat(writesIn(2, second -> report(Optional.empty()))).isEqualTo(1);
  }

  private interface At {
    LeaderReport report(int second);
  }

  private int writesIn(int seconds, At at) {
    int before = writes;
    for (int second = 0; second < seconds; second += 2) {
      Future<Void> done = reporter.write(database, List.of(at.report(second)));
      assertThat(done.succeeded()).as("a failure is not told").isTrue();
      now += TimeUnit.SECONDS.toNanos(2);
    }
    return writes - before;
  }

  private LeaderReport report(Optional<String> broker) {
    return new LeaderReport(
        0,
        "7@here",
        new DeliveryProblems(
            broker.map(what -> new OngoingProblem.Observed(what, Duration.ofSeconds(5))),
            Optional.empty(),
            Map.of()),
        new ReportedSource(isLog, Duration.ZERO, "", ""),
        Duration.ZERO);
  }
}
