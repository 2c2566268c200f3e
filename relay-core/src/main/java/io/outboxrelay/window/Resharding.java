package io.outboxrelay.window;

import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.doorbell.NotificationSender;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.InitRights;
import io.outboxrelay.outbox.LockHolders;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.ShardLayout;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;

/**
 * Changes the number of shards while applications keep writing. It asks all owners to finish the
 * events in flight and to release their shards. Then it writes a checkpoint row for each new shard,
 * and the relays acquire the new shards.
 *
 * <p>No event is lost or reordered. None is published twice, unless the server hashes aggregate ids
 * differently from the server on which the shards were made. The change is made completely or not
 * at all.
 */
public final class Resharding {
  /** PostgreSQL's error code of a statement that exceeds {@code lock_timeout}. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** How long to wait while another command {@code init} or {@code shards} runs. */
  private static final Duration TURN_WITHIN = Duration.ofSeconds(5);

  private static final Duration TRIGGER_WITHIN = Duration.ofMillis(200);
  private static final Duration TRIGGER_RETRY_AFTER = Duration.ofMillis(500);

  private static final String OWNERS =
      """
      select coalesce(string_agg('shard ' || shard || ' by ' || coalesce(owner, 'a relay'), ', '), '')
      from %s where not pg_try_advisory_xact_lock_shared(%s)
      """;

  private static final String DIVIDE =
      """
      delete from %1$s where shard >= %2$d;
      insert into %1$s (shard, settled, top, floor, fence, epoch, system_identifier, database_oid)
        select another, settled, top, floor, fence, epoch, system_identifier, database_oid
        from %1$s, generate_series(1, %2$d - 1) another
        where shard = 0
        on conflict do nothing;
      update %1$s set shards = %2$d, hash = %3$s, owner = null;
      """;

  private final SqlConnection connection;
  private final OutboxNames names;
  private final OutboxSchema schema;
  private final Bounds bounds;

  /**
   * The limits of the change.
   *
   * @param within how long to wait for the owners to release their shards, and for changing the
   *     trigger
   * @param waiting the highest number of unconfirmed events with which the change is made. It is
   *     limited because the change updates each of them, and no event is published meanwhile
   */
  public record Bounds(Duration within, int waiting) {}

  /**
   * The result of the change.
   *
   * @param before the number of shards before
   * @param waiting the number of events that were not confirmed
   * @param rings true if the doorbell's trigger covers the new shards; false if it could not be
   *     changed in time, so the command {@code init} must change it
   */
  public record Outcome(int before, long waiting, boolean rings) {}

  /**
   * @param connection a connection for this change alone. The caller must close it afterwards, even
   *     if the change failed
   * @param schema creates or drops the doorbell's trigger
   */
  public Resharding(
      SqlConnection connection, OutboxNames names, OutboxSchema schema, Bounds bounds) {
    this.connection = connection;
    this.names = names;
    this.schema = schema;
    this.bounds = bounds;
  }

  /**
   * Divides the outbox into {@code shards} shards; fails with a message for the operator if that is
   * not possible. All conditions that can be checked in advance are checked before any relay is
   * asked to release a shard.
   */
  public Future<Outcome> run(int shards) {
    return ShardLayout.read(connection, names)
        .compose(
            before ->
                before.shards() == shards && before.hashesAsThen()
                    ? Future.failedFuture(refused("there are %d shards already".formatted(shards)))
                    : InitRights.read(connection, names)
                        .compose(Resharding::permitted)
                        .compose(permitted -> verifyWaiting())
                        .compose(few -> takeTurns())
                        .compose(alone -> requestRelease())
                        .compose(requested -> divide(before.shards(), shards)));
  }

  private static Future<Void> permitted(InitRights rights) {
    return rights
        .obstacle()
        .map(
            obstacle ->
                Future.<Void>failedFuture(
                    DatabaseException.refused(
                        obstacle.seen() + ". Nothing was changed. Remedy: " + obstacle.remedy())))
        .orElseGet(Future::succeededFuture);
  }

  /**
   * Acquires the lock that lets one command {@code init} or {@code shards} run at a time. The lock
   * is held until the connection is closed.
   */
  private Future<?> takeTurns() {
    return bounded("select pg_advisory_lock(" + names.initLock() + ")", TURN_WITHIN)
        .recover(
            failure ->
                inTheWay(
                    failure,
                    "another session runs the command init or shards, or holds the lock of these"
                        + " commands"));
  }

  private Future<?> bounded(String lock, Duration within) {
    return connection
        .query("set lock_timeout = " + within.toMillis())
        .execute()
        .compose(set -> connection.query(lock).execute())
        .eventually(() -> connection.query("set lock_timeout = 0").execute());
  }

  private <T> Future<T> inTheWay(Throwable failure, String what) {
    return timedOut(failure)
        ? LockHolders.describe(connection, names)
            .compose(holders -> Future.failedFuture(refused(what + ": " + holders)))
        : Future.failedFuture(failure);
  }

  private long deadline() {
    return System.nanoTime() + bounds.within().toNanos();
  }

  /**
   * Asks all owners to release their shards. The request is a lock of the session and not of the
   * transaction, because it must be visible before the transaction waits for the owners' locks.
   */
  private Future<?> requestRelease() {
    return bounded("select pg_advisory_lock(" + names.callLock() + ")", bounds.within())
        .recover(
            failure ->
                inTheWay(
                    failure,
                    "a session holds the lock by which relays are asked to release their shards"))
        .compose(called -> NotificationSender.send(connection, names, ""));
  }

  private Future<Outcome> divide(int before, int shards) {
    return connection
        .begin()
        .compose(
            transaction ->
                vacate(before)
                    .compose(vacant -> verifyWaiting())
                    .compose(few -> new CheckpointAlignment(connection, names).run(false))
                    .compose(waiting -> divideInto(shards).map(waiting))
                    .compose(waiting -> transaction.commit().map(waiting))
                    .onFailure(failure -> transaction.rollback()))
        .compose(waiting -> endRequest().map(waiting))
        .compose(
            waiting -> changeTrigger(deadline()).map(rings -> new Outcome(before, waiting, rings)));
  }

  private Future<?> endRequest() {
    return connection.query("select pg_advisory_unlock(" + names.callLock() + ")").execute();
  }

  private Future<?> vacate(int shards) {
    long deadline = deadline();
    Future<?> taken = Future.succeededFuture();
    for (int i = 0; i < shards; i++) {
      int shard = i;
      taken = taken.compose(before -> take(shard, deadline));
    }
    return taken.recover(this::occupied);
  }

  private Future<?> take(int shard, long deadline) {
    long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
    return connection
        .query(
            "set local lock_timeout = %d; select pg_advisory_xact_lock(%s)"
                .formatted(left, names.leaseLock(shard)))
        .execute();
  }

  private <T> Future<T> occupied(Throwable failure) {
    if (!timedOut(failure)) {
      return Future.failedFuture(failure);
    }
    return connection
        .query("rollback; " + OWNERS.formatted(names.checkpoint(), names.leaseLock("shard")))
        .execute()
        .map(rows -> rows.next().iterator().next().getString(0))
        .compose(
            owners ->
                ForeignLock.find(connection, names)
                    .compose(foreign -> Future.failedFuture(refused(owned(owners, foreign)))));
  }

  private String owned(String owners, List<ForeignLock> foreign) {
    return foreign.stream()
        .filter(lock -> lock.shard().isPresent())
        .findFirst()
        .map(lock -> lock.sentence() + "; " + lock.remedy())
        .orElseGet(
            () ->
                "not all shards were released within %d ms; still owned: %s. If their relays wait for"
                        .formatted(bounds.within().toMillis(), owners)
                    + " the broker's confirms, wait longer with --within, or stop those relays");
  }

  private Future<?> verifyWaiting() {
    return new CheckpointAlignment(connection, names)
        .waiting(bounds.waiting() + 1)
        .compose(
            waiting ->
                waiting <= bounds.waiting()
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        refused(
                            "more than %d events wait to be published. The change must mark each of"
                                    .formatted(bounds.waiting())
                                + " them, and nothing is published meanwhile. Try again when the"
                                + " relays have caught up, or allow more with --max-waiting")));
  }

  private Future<?> divideInto(int shards) {
    return connection.query(DIVIDE.formatted(names.checkpoint(), shards, ShardKey.PROBE)).execute();
  }

  /**
   * Changes the doorbell's trigger in a separate transaction; completes with false if that did not
   * succeed by the deadline. The change must wait for every open transaction that has written to
   * the outbox, and later writers wait behind the change. Each attempt therefore waits only for a
   * short time. Until an attempt succeeds, the relays poll.
   */
  private Future<Boolean> changeTrigger(long deadline) {
    return connection
        .query("set lock_timeout = " + TRIGGER_WITHIN.toMillis())
        .execute()
        .compose(set -> connection.query(schema.doorbell()).execute())
        .map(true)
        .recover(
            failure -> timedOut(failure) ? retryTrigger(deadline) : Future.failedFuture(failure));
  }

  private Future<Boolean> retryTrigger(long deadline) {
    return System.nanoTime() > deadline
        ? Future.succeededFuture(false)
        : connection
            .query("select pg_sleep(" + TRIGGER_RETRY_AFTER.toMillis() / 1000.0 + ")")
            .execute()
            .compose(rested -> changeTrigger(deadline));
  }

  private static boolean timedOut(Throwable failure) {
    return failure instanceof PgException server && LOCK_NOT_AVAILABLE.equals(server.getSqlState());
  }

  private static DatabaseException refused(String what) {
    return DatabaseException.refused(what + ". Nothing was changed");
  }
}
