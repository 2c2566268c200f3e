package io.outboxrelay.status;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.failure.FailureClassifier;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.lifecycle.NotifiedPoller;
import io.outboxrelay.metrics.BacklogGauges;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads every two seconds the facts that are in the database only: how many events wait, which
 * relay leads which shard, which transactions have been open for long, and the server's clock.
 *
 * <p>It has a connection of its own, so that it can still report if a lock blocks the relay's other
 * connections. Nothing waits for its result, and the relay publishes without it.
 */
public final class DatabaseMonitor implements DatabaseObservations {
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(8);

  /**
   * The number of rounds that a relay without shards skips after its start. The server may have few
   * connections left, and relays need them for publishing first.
   */
  private static final int LETS_PASS = 5;

  /**
   * The number of rounds between two measurements of the table sizes, which is about a minute. They
   * are read rarely, because the server asks the file system for them.
   */
  private static final int LOOKS_BETWEEN_MEASUREMENTS = 30;

  /** The number of rounds over which {@link ShardObservation.Pace} is averaged. */
  private static final int REMEMBERED = 6;

  private final Context context;
  private final LongSupplier nanoTime;
  private final MonitorQueries queries;
  private final DatabaseConfig database;
  private final RelayMetrics metrics;
  private final Owner owner;
  private final Deque<ShardsSeen> seen = new ArrayDeque<>();
  private final Map<String, Long> firstSeen = new HashMap<>();
  private final NotifiedPoller poller;
  private int passed;
  private int looksToMeasure;
  private volatile @Nullable OngoingProblem trouble;
  private volatile OtherSessions sessions = OtherSessions.NONE;
  private volatile AccountDifferences.Summary differences = AccountDifferences.Summary.NONE;
  private volatile @Nullable ShardsSeen latest;
  private volatile Map<Integer, ShardObservation.Pace> paces = Map.of();

  /** The state of the relay that the monitor needs. */
  public interface Owner {
    /** Returns the shards that this relay owns. The monitor counts the backlog of these shards. */
    List<Integer> shards();

    /** Returns the problems that keep this relay from publishing the shards that it owns. */
    List<LeaderReport> reports();
  }

  public DatabaseMonitor(
      Context context, Database database, OutboxNames names, RelayMetrics metrics, Owner owner) {
    this(
        context,
        System::nanoTime,
        new SqlMonitorQueries(database, names),
        database.config(),
        metrics,
        owner);
  }

  DatabaseMonitor(
      Context context,
      LongSupplier nanoTime,
      MonitorQueries queries,
      DatabaseConfig database,
      RelayMetrics metrics,
      Owner owner) {
    this.context = context;
    this.nanoTime = nanoTime;
    this.queries = queries;
    this.database = database;
    this.metrics = metrics;
    this.owner = owner;
    this.poller = new NotifiedPoller(context.owner(), this::lookOnce, this::failed);
  }

  /** Reads the facts now, and then every two seconds until {@link #stop}. */
  public void start() {
    context.runOnContext(begin -> poller.look());
  }

  /** Stops reading; completes when the connection is closed. */
  public Future<Void> stop() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        end -> {
          poller.stop();
          queries.close().onComplete(done);
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

  /**
   * Reads from the database which locks of this outbox are held by sessions that are not relays.
   * Does this only if a shard has no leader, because such a lock can be the reason.
   */
  private Future<Void> findForeignLocks() {
    var now = latest;
    boolean allLed =
        now != null && now.shards().stream().allMatch(shard -> shard.leader().isPresent());
    var found = allLed ? Future.succeededFuture(List.<ForeignLock>of()) : queries.foreignLocks();
    return found.onSuccess(locks -> sessions = sessions.with(locks)).mapEmpty();
  }

  @Override
  public AccountDifferences.Summary differences() {
    return differences;
  }

  /**
   * Stores the differences for the status. They are exported as metrics only if this relay owns
   * shard 0, because the owner of shard 0 compares the account of all shards with the outbox.
   */
  private void note(AccountDifferences.Summary found) {
    differences = found;
    metrics.differences(
        ownsFirst() ? Map.of("more", found.losing(), "other", found.others()) : Map.of());
  }

  @Override
  public Optional<ShardObservation.Pace> pace(int shard) {
    return Optional.ofNullable(paces.get(shard));
  }

  private boolean ownsFirst() {
    return owner.shards().contains(0);
  }

  private Future<Duration> lookOnce() {
    if (owner.shards().isEmpty() && passed < LETS_PASS) {
      passed++;
      return Future.succeededFuture(INTERVAL);
    }
    Promise<Duration> looked = Promise.promise();
    long bound =
        context.owner().setTimer(ANSWERS_WITHIN.toMillis(), late -> looked.tryFail(silent()));
    look()
        .onComplete(
            result ->
                context.runOnContext(
                    back -> {
                      context.owner().cancelTimer(bound);
                      if (result.failed()) {
                        looked.tryFail(result.cause());
                      } else if (looked.tryComplete(INTERVAL)) {
                        trouble = null;
                      }
                    }));
    return looked.future();
  }

  private static TimeoutException silent() {
    return new TimeoutException(
        "the database has not answered for " + ANSWERS_WITHIN.toSeconds() + " s");
  }

  /**
   * Reads all facts once. The clock is queried alone, because the time of its answer is exact only
   * if no other answer comes before it on this connection.
   */
  private Future<Void> look() {
    return queries
        .clock()
        .onSuccess(this::note)
        .compose(read -> lookAtTables())
        .compose(noted -> findForeignLocks())
        .compose(noted -> queries.write(owner.reports()))
        .compose(written -> measureNowAndThen());
  }

  /**
   * Sends the queries together, because the relay would wake up once more for each answer that it
   * awaits separately. The server runs them in the order in which they are sent. Queries that need
   * no table lock are sent first, because the others may have to wait for a lock.
   */
  private Future<Void> lookAtTables() {
    var waits = queries.lockWaits();
    var sessionsNoted =
        queries.openTransactions().compose(all -> waits.onSuccess(found -> note(found, all)));
    var shardsNoted = queries.shards(owner.shards()).onSuccess(this::note);
    var differencesNoted = queries.differences().onSuccess(this::note);
    return Future.all(sessionsNoted, shardsNoted, differencesNoted).mapEmpty();
  }

  /** Reads the table sizes if this relay owns shard 0. A failure is ignored. */
  private Future<Void> measureNowAndThen() {
    if (!ownsFirst()) {
      metrics.tableSizes(Map.of());
      looksToMeasure = 0;
      return Future.succeededFuture();
    }
    if (looksToMeasure-- > 0) {
      return Future.succeededFuture();
    }
    looksToMeasure = LOOKS_BETWEEN_MEASUREMENTS;
    return queries.tableSizes().onSuccess(metrics::tableSizes).<Void>mapEmpty().otherwiseEmpty();
  }

  private void note(MonitorQueries.ClockReading read) {
    metrics.clock().sample(read.askedNanos(), read.answeredNanos(), read.databaseMicros());
  }

  /**
   * Stores the lock waits and the open transactions for the status and the metrics. If the start of
   * a transaction is hidden from the relay's role, the age of the transaction counts from the round
   * that saw the transaction first.
   */
  private void note(List<LockWait> waits, List<OpenTransaction> open) {
    long now = nanoTime.getAsLong();
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
    var now = new ShardsSeen(nanoTime.getAsLong(), shards);
    seen.addLast(now);
    if (seen.size() > REMEMBERED) {
      seen.removeFirst();
    }
    latest = now;
    paces = paces(seen.getFirst(), now);
    for (var shard : shards) {
      if (owner.shards().contains(shard.shard())) {
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

  /**
   * Returns the rates of each shard by its number. Written events per second are estimated from the
   * sequence numbers, on the assumption that each shard gets an equal part of the events.
   */
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
    trouble = OngoingProblem.goOn(trouble, new FailureClassifier(database, failure).sentence());
    queries.release();
    return INTERVAL;
  }
}
