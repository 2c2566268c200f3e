package io.outboxrelay.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatabaseMonitorTest {
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final String BACKLOG = "outbox.events.waiting";

  private final SimulatedTime time = new SimulatedTime();
  private final Database database = new Database();
  private final RelayMetrics metrics = RelayMetrics.alone();
  private List<Integer> owned = List.of(0);
  private final DatabaseMonitor monitor =
      new DatabaseMonitor(
          time.context(), time::nanoTime, database, config(), metrics, new ThisRelay());

  private static DatabaseConfig config() {
    return DatabaseConfig.from(
        Settings.of(
            "test", Map.of("database", Map.of("uri", "postgresql://relay@localhost/none"))));
  }

  private final class ThisRelay implements DatabaseMonitor.Owner {
    @Override
    public List<Integer> shards() {
      return owned;
    }

    @Override
    public List<LeaderReport> reports() {
      return List.of();
    }
  }

  private static final class Database implements MonitorQueries {
    final List<String> calls = new ArrayList<>();
    final List<ShardRow> rows = new ArrayList<>(List.of(row(10, true)));
    List<LockWait> waits = List.of();
    List<OpenTransaction> open = List.of();
    List<ForeignLock> foreign = List.of();
    Future<Void> answer = Future.succeededFuture();
    Runnable afterClock = () -> {};
    Future<Map<String, Long>> sizes = Future.succeededFuture(Map.of("outbox", 8_192L));

    private <T> Future<T> query(String name, T result) {
      calls.add(name);
      return answer.map(passed -> result);
    }

    long count(String name) {
      return calls.stream().filter(name::equals).count();
    }

    @Override
    public Future<ClockReading> clock() {
      var reading = query("clock", new ClockReading(0, 1_000, 5_000));
      afterClock.run();
      return reading;
    }

    @Override
    public Future<List<LockWait>> lockWaits() {
      return query("lock waits", waits);
    }

    @Override
    public Future<List<OpenTransaction>> openTransactions() {
      return query("open transactions", open);
    }

    @Override
    public Future<List<ShardRow>> shards(Collection<Integer> counted) {
      return query("shards", List.copyOf(rows));
    }

    @Override
    public Future<List<ForeignLock>> foreignLocks() {
      return query("foreign locks", foreign);
    }

    @Override
    public Future<AccountDifferences.Summary> differences() {
      return query("differences", new AccountDifferences.Summary(2, 5, 1, 1, 9));
    }

    @Override
    public Future<Void> write(List<LeaderReport> reports) {
      return query("write", reports).mapEmpty();
    }

    @Override
    public Future<Map<String, Long>> tableSizes() {
      calls.add("sizes");
      return sizes;
    }

    @Override
    public Future<Void> release() {
      calls.add("release");
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> close() {
      calls.add("close");
      return Future.succeededFuture();
    }
  }

  private static ShardRow row(long position, boolean isLed) {
    return new ShardRow(
        0,
        new ShardRow.Ownership(Optional.of("7@here"), isLed, 1),
        new ShardRow.Progress(Duration.ZERO, position, 2 * position, 1),
        new WaitingEvents(position, false, Optional.empty()),
        ShardRow.ShardDeadLetters.NONE);
  }

  private static OpenTransaction transaction(Optional<Duration> age) {
    return new OpenTransaction(4711, "900", "psql", "idle in transaction", age);
  }

  private void fail() {
    database.answer = Future.failedFuture(new IllegalStateException("away"));
  }

  private boolean exports(String name) {
    return metrics.registry().getMeters().stream()
        .anyMatch(meter -> meter.getId().getName().equals(name));
  }

  /** The status must not show an old number as the present one. */
  @Test
  void oldObservationsAreNotShownWhileTheDatabaseCannotBeRead() {
    monitor.start();
    assertThat(monitor.latest()).isPresent();
    assertThat(monitor.trouble()).isEmpty();

    fail();
    time.elapse(INTERVAL);
    assertThat(monitor.latest()).isEmpty();
    assertThat(monitor.trouble().orElseThrow().what()).isEqualTo("away");

    database.answer = Future.succeededFuture();
    time.elapse(INTERVAL);
    assertThat(monitor.latest()).isPresent();
    assertThat(monitor.trouble()).isEmpty();
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsATrouble() {
    monitor.start();
    database.answer = Promise.<Void>promise().future();
    time.elapse(INTERVAL);
    assertThat(monitor.latest()).as("it may still answer").isPresent();

    time.elapse(Duration.ofSeconds(8));

    assertThat(monitor.latest()).isEmpty();
    assertThat(monitor.trouble().orElseThrow().what())
        .isEqualTo("the database has not answered for 8 s");
  }

  @Test
  void anAnswerThatComesTooLateIsNotTakenForTheNextOne() {
    Promise<Void> late = Promise.promise();
    database.answer = late.future();
    monitor.start();
    time.elapse(Duration.ofSeconds(8));
    database.answer = Future.succeededFuture();
    time.run(late::complete);
    assertThat(monitor.trouble()).isPresent();
    assertThat(monitor.latest()).isEmpty();

    time.elapse(INTERVAL);
    assertThat(monitor.latest()).isPresent();
  }

  @Test
  void afterAFailureANewConnectionIsUsed() {
    fail();
    monitor.start();
    assertThat(database.calls).containsExactly("clock", "release");
    time.elapse(INTERVAL);
    assertThat(database.calls).containsExactly("clock", "release", "clock", "release");
  }

  @Test
  void sessionsInTheWayAreNotShownWhileTheDatabaseCannotBeRead() {
    database.waits = List.of(new LockWait(4711, "psql", Duration.ofSeconds(3)));
    database.open = List.of(transaction(Optional.of(Duration.ofMinutes(1))));
    monitor.start();
    assertThat(monitor.sessions().lockWaits()).hasSize(1);
    assertThat(monitor.sessions().transactions()).hasSize(1);

    fail();
    time.elapse(INTERVAL);

    assertThat(monitor.sessions()).isEqualTo(OtherSessions.NONE);
  }

  @Test
  void theQueriesThatWaitForNoTableLockComeFirst() {
    monitor.start();
    assertThat(database.calls).startsWith("clock", "lock waits", "open transactions", "shards");
  }

  /** If each query waited for the answer before it, the relay would wake up once more for each. */
  @Test
  void theQueriesOfALookAreSentTogether() {
    database.afterClock = () -> database.answer = Promise.<Void>promise().future();
    monitor.start();
    assertThat(database.calls)
        .containsExactly("clock", "lock waits", "open transactions", "shards", "differences");
  }

  @Test
  void aHiddenTransactionCountsFromWhenItWasFirstSeen() {
    database.open = List.of(transaction(Optional.empty()));
    monitor.start();
    assertThat(monitor.sessions().transactions()).isEmpty();

    time.elapse(Duration.ofSeconds(10));
    assertThat(monitor.sessions().transactions())
        .extracting(OpenTransaction::age)
        .containsExactly(Optional.of(Duration.ofSeconds(10)));

    database.open = List.of();
    time.elapse(INTERVAL);
    database.open = List.of(transaction(Optional.empty()));
    time.elapse(INTERVAL);
    assertThat(monitor.sessions().transactions()).as("another one, with the same id").isEmpty();
  }

  /** Such a lock matters only if it can be the reason why a shard has no leader. */
  @Test
  void foreignLocksAreLookedForOnlyWhileAShardHasNoLeader() {
    database.foreign = List.of(new ForeignLock(4711, "app", "psql", 1));
    monitor.start();
    assertThat(monitor.sessions().foreignLocks()).isEmpty();

    database.rows.set(0, row(10, false));
    time.elapse(INTERVAL);
    assertThat(monitor.sessions().foreignLocks()).hasSize(1);

    database.rows.set(0, row(10, true));
    time.elapse(INTERVAL);
    assertThat(monitor.sessions().foreignLocks()).isEmpty();
  }

  /** Otherwise the differences would be counted once for each relay. */
  @Test
  void onlyTheOwnerOfTheFirstShardExportsDifferencesAndSizes() {
    monitor.start();
    assertThat(exports("outbox.account.differing.ranges")).isTrue();
    assertThat(exports("outbox.table.size")).isTrue();

    owned = List.of(1);
    time.elapse(INTERVAL);
    assertThat(exports("outbox.account.differing.ranges")).isFalse();
    assertThat(exports("outbox.table.size")).isFalse();
    assertThat(monitor.differences().losing()).as("the status shows them anyway").isEqualTo(2);
  }

  @Test
  void tableSizesAreReadAboutOnceAMinuteAndTheirFailureIsIgnored() {
    database.sizes = Future.failedFuture("denied");
    monitor.start();
    assertThat(monitor.trouble()).isEmpty();
    time.elapse(Duration.ofMinutes(1));
    assertThat(database.count("sizes")).isEqualTo(1);

    time.elapse(Duration.ofMinutes(1));
    assertThat(database.count("sizes")).isEqualTo(2);
  }

  /** If the server has few connections left, publishing needs them first. */
  @Test
  void aRelayWithoutShardsLetsThePublishingConnectionsComeFirst() {
    owned = List.of();
    monitor.start();
    time.elapse(INTERVAL.multipliedBy(4));
    assertThat(database.calls).isEmpty();

    time.elapse(INTERVAL);
    assertThat(database.calls).isNotEmpty();
  }

  @Test
  void thePaceIsTheProgressBetweenLooks() {
    monitor.start();
    assertThat(monitor.pace(0)).as("one look").isEmpty();
    database.rows.set(0, row(30, true));
    time.elapse(INTERVAL);

    assertThat(monitor.pace(0)).contains(new ShardObservation.Pace(10, 20));
  }

  @Test
  void onlyTheBacklogOfOwnedShardsIsExported() {
    metrics.shard(0).leads(1);
    owned = List.of(1);
    monitor.start();
    assertThat(exports(BACKLOG)).isFalse();

    owned = List.of(0);
    time.elapse(INTERVAL);
    assertThat(exports(BACKLOG)).isTrue();
  }

  @Test
  void aMonitorThatStopsClosesItsConnectionAndLooksNoMore() {
    monitor.start();
    assertThat(monitor.stop().succeeded()).isTrue();
    time.elapse(Duration.ofMinutes(1));

    assertThat(database.calls).endsWith("close");
  }
}
