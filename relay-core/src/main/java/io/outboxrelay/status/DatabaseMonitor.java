package io.outboxrelay.status;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.OnDemandConnection;
import io.outboxrelay.failure.FailureClassifier;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.lifecycle.NotifiedPoller;
import io.outboxrelay.metrics.BacklogGauges;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.TableSizes;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads, every two seconds, the facts that only the database knows: how many events wait, which
 * relay leads which shard, which transactions are open for long, and the server's clock.
 *
 * <p>It has a connection of its own, so that it can still report if a lock blocks all the others.
 * Nothing waits for its result, and the relay works without it.
 */
public final class DatabaseMonitor implements DatabaseObservations {
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(8);

  /**
   * Looks that a relay without shards skips at first, because publishing comes first if the server
   * has few connections left.
   */
  private static final int LETS_PASS = 5;

  /** Table sizes are read about once a minute, because the server asks the file system for them. */
  private static final int LOOKS_BETWEEN_MEASUREMENTS = 30;

  /** The number of looks over which the pace is averaged. */
  private static final int REMEMBERED = 6;

  /** The timeouts give up a count that takes long or waits for a lock. */
  private static final String SETTINGS =
      """
      set lock_timeout = '500ms';
      set statement_timeout = '4s';
      set enable_bitmapscan = off;
      set enable_sort = off;
      set enable_seqscan = off;
      set jit = off;
      select set_config('application_name', current_setting('application_name') || ' watch', false);
      """;

  private static final String CLOCK =
      "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";

  private final Context context;
  private final Database database;
  private final OutboxNames names;
  private final RelayMetrics metrics;
  private final Supplier<List<Integer>> led;
  private final Supplier<List<LeaderReport>> reports;
  private final LeaderReporter reporter;
  private final Deque<ShardsSeen> seen = new ArrayDeque<>();
  private final Map<String, Long> firstSeen = new HashMap<>();
  private final NotifiedPoller poller;
  private final OnDemandConnection connection;
  private int passed;
  private int looksToMeasure;
  private volatile @Nullable OngoingProblem trouble;
  private volatile OtherSessions sessions = OtherSessions.NONE;
  private volatile AccountDifferences.Summary differences = AccountDifferences.Summary.NONE;
  private volatile @Nullable ShardsSeen latest;
  private volatile Map<Integer, ShardObservation.Pace> paces = Map.of();

  /**
   * @param led the shards that this relay owns; their backlog is counted
   * @param reports the problems that keep this relay from publishing them
   */
  public DatabaseMonitor(
      Context context,
      Database database,
      OutboxNames names,
      RelayMetrics metrics,
      Supplier<List<Integer>> led,
      Supplier<List<LeaderReport>> reports) {
    this.context = context;
    this.database = database;
    this.names = names;
    this.metrics = metrics;
    this.led = led;
    this.reports = reports;
    this.poller = new NotifiedPoller(database.vertx(), this::lookOnce, this::failed);
    this.connection = new OnDemandConnection(database, SETTINGS);
    this.reporter = new LeaderReporter(names, System::nanoTime);
  }

  /** Looks now, and then periodically until {@link #stop}. */
  public void start() {
    context.runOnContext(begin -> poller.look());
  }

  /** Stops looking; completes when the connection is closed. */
  public Future<Void> stop() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        end -> {
          poller.stop();
          connection.close().onComplete(done);
        });
    return done.future();
  }

  /** Returns the reason why the monitor cannot read from the database; empty if it can. */
  public Optional<OngoingProblem> trouble() {
    return Optional.ofNullable(trouble);
  }

  @Override
  public Optional<ShardsSeen> latest() {
    return trouble == null ? Optional.ofNullable(latest) : Optional.empty();
  }

  @Override
  public OtherSessions sessions() {
    return sessions;
  }

  /** Such a lock matters only if it can be the reason for which a shard has no leader. */
  private Future<Void> findForeignLocks(PgConnection open) {
    var now = latest;
    boolean allLed =
        now != null && now.shards().stream().allMatch(shard -> shard.leader().isPresent());
    var found =
        allLed ? Future.succeededFuture(List.<ForeignLock>of()) : ForeignLock.find(open, names);
    return found.onSuccess(locks -> sessions = sessions.with(locks)).mapEmpty();
  }

  @Override
  public AccountDifferences.Summary differences() {
    return differences;
  }

  /** Only the relay that compares the account exports its differences. */
  private void note(AccountDifferences.Summary found) {
    differences = found;
    metrics.differences(
        led.get().contains(0) ? Map.of("more", found.losing(), "other", found.others()) : Map.of());
  }

  @Override
  public Optional<ShardObservation.Pace> pace(int shard) {
    return Optional.ofNullable(paces.get(shard));
  }

  private Future<Duration> lookOnce() {
    if (led.get().isEmpty() && passed < LETS_PASS) {
      passed++;
      return Future.succeededFuture(INTERVAL);
    }
    Promise<Duration> looked = Promise.promise();
    connection
        .get()
        .compose(this::look)
        .timeout(ANSWERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(over -> trouble = null)
        .map(INTERVAL)
        .onComplete(result -> context.runOnContext(back -> looked.handle(result)));
    return looked.future();
  }

  /** Runs the queries that need no table lock first, because the rest may wait for a lock. */
  private Future<Void> look(PgConnection open) {
    return readClock(open)
        .compose(read -> LockWait.read(open, names))
        .compose(waits -> OpenTransaction.read(open, names).onSuccess(all -> note(waits, all)))
        .compose(noted -> new ShardStatusReader(open, names).watch(led.get()))
        .onSuccess(this::note)
        .compose(noted -> findForeignLocks(open))
        .compose(noted -> AccountDifferences.summary(open, names).onSuccess(this::note))
        .compose(noted -> reporter.write(open, reports.get()))
        .compose(written -> measureNowAndThen(open));
  }

  /** Reads the table sizes if this relay owns shard 0. A failure is ignored. */
  private Future<Void> measureNowAndThen(PgConnection open) {
    if (!led.get().contains(0)) {
      metrics.tableSizes(Map.of());
      looksToMeasure = 0;
      return Future.succeededFuture();
    }
    if (looksToMeasure-- > 0) {
      return Future.succeededFuture();
    }
    looksToMeasure = LOOKS_BETWEEN_MEASUREMENTS;
    return TableSizes.read(open, names)
        .onSuccess(metrics::tableSizes)
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  private Future<Void> readClock(PgConnection open) {
    long asked = System.nanoTime();
    return open.query(CLOCK)
        .execute()
        .map(
            rows -> {
              long shown = rows.iterator().next().getLong(0);
              metrics.clock().sample(asked, System.nanoTime(), shown);
              return null;
            });
  }

  /**
   * Records the sessions. A transaction with a hidden start time counts from when it was first
   * seen.
   */
  private void note(List<LockWait> waits, List<OpenTransaction> open) {
    long now = System.nanoTime();
    firstSeen.keySet().retainAll(open.stream().map(OpenTransaction::xid).toList());
    open.forEach(one -> firstSeen.putIfAbsent(one.xid(), now));
    var aged =
        open.stream()
            .map(
                one ->
                    one.agedAtLeast(Duration.ofNanos(now - firstSeen.getOrDefault(one.xid(), now))))
            .filter(one -> one.age().orElseThrow().compareTo(OpenTransaction.LONG) >= 0)
            .toList();
    sessions = new OtherSessions(waits, aged, sessions.foreignLocks());
    metrics.openTransactions(
        aged.stream()
            .map(
                one ->
                    new RelayMetrics.Open(
                        one.pid(), one.application(), one.age().orElseThrow().toMillis() / 1e3))
            .toList());
  }

  private void note(List<ShardRow> shards) {
    var now = new ShardsSeen(System.nanoTime(), shards);
    seen.addLast(now);
    if (seen.size() > REMEMBERED) {
      seen.removeFirst();
    }
    latest = now;
    paces = paces(seen.getFirst(), now);
    for (var shard : shards) {
      if (led.get().contains(shard.shard())) {
        metrics
            .shard(shard.shard())
            .counted(
                new BacklogGauges(
                    shard.waiting().count(),
                    shard.waiting().isMore(),
                    shard.waiting().oldest().map(age -> age.toMillis() / 1e3).orElse(0.0),
                    shard.deadLetters().rejected(),
                    shard.deadLetters().behind()));
      }
    }
  }

  /** Estimates events per second from sequence numbers: each shard has an equal part of them. */
  private static Map<Integer, ShardObservation.Pace> paces(ShardsSeen from, ShardsSeen to) {
    double seconds = (to.nanos() - from.nanos()) / 1e9;
    var paces = new HashMap<Integer, ShardObservation.Pace>();
    if (seconds < 1 || from.shards().size() != to.shards().size()) {
      return paces;
    }
    for (int i = 0; i < to.shards().size(); i++) {
      var before = from.shards().get(i).progress();
      var after = to.shards().get(i).progress();
      double share = seconds * after.of();
      paces.put(
          to.shards().get(i).shard(),
          new ShardObservation.Pace(
              Math.max(0, after.position() - before.position()) / share,
              Math.max(0, after.last() - before.last()) / share));
    }
    return paces;
  }

  private Duration failed(Throwable failure) {
    sessions = OtherSessions.NONE.with(sessions.foreignLocks());
    trouble =
        OngoingProblem.goOn(trouble, new FailureClassifier(database.config(), failure).sentence());
    connection.release();
    return INTERVAL;
  }
}
