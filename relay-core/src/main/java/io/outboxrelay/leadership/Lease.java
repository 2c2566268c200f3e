package io.outboxrelay.leadership;

import io.outboxrelay.membership.ConfigMismatchCheck;
import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acquires the ownership of a shard: a session advisory lock, which ends with its connection.
 *
 * <p>A standby polls for the lock. If it waited inside {@code pg_advisory_lock}, it would hold a
 * snapshot all the time, and vacuum could remove no dead row in the whole database. While owners
 * are asked to release their shards for a re-sharding, no relay acquires a lease.
 */
final class Lease {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);

  /** Shorter than the five minutes after which Kafka's client forgets an unused topic. */
  static final Duration BETWEEN_REHEARSALS = Duration.ofMinutes(1);

  private static final String TAKE =
      """
      select case when not (%1$s) then pg_try_advisory_lock(%2$s) else false end,
             (select shards from %3$s where shard = 0),
             case when pg_try_advisory_lock_shared(%4$s)
                  then not pg_advisory_unlock_shared(%4$s) else true end
      """;

  private final Vertx vertx;
  private final PgConnection connection;
  private final OutboxNames names;
  private final ShardKey share;
  private final RelayIdentity self;
  private final Promise<Void> acquired = Promise.promise();
  private Runnable rehearsal = () -> {};
  private Runnable onBrokerCall = () -> {};
  private long lastRehearsal;

  /** Creates a lease that is acquired once, with {@link #await} or {@link #take}. */
  Lease(
      Vertx vertx, PgConnection connection, OutboxNames names, ShardKey share, RelayIdentity self) {
    this.vertx = vertx;
    this.connection = connection;
    this.names = names;
    this.share = share;
    this.self = self;
  }

  /**
   * Completes when the connection owns the shard, however long that takes. Meanwhile the connection
   * announces this relay. Fails with {@link ShardCountChangedException} if the number of shards has
   * changed, and if the connection is lost.
   *
   * @param onStandby run at the start of the wait and then every minute: warms up the takeover
   * @param onCall run, repeatedly, while the owner asks if another relay can reach the broker
   */
  Future<Void> await(Runnable onStandby, Runnable onCall) {
    rehearsal = onStandby;
    onBrokerCall = onCall;
    return connection
        .query("select pg_advisory_lock_shared(" + names.memberLock(self.number()) + ")")
        .execute()
        .compose(
            seen -> {
              take(this::standBy);
              return acquired.future();
            });
  }

  /**
   * Tries once to acquire the lease; fails with {@link LeaseTakenException} if another relay holds
   * it or a re-sharding is under way.
   */
  Future<Void> take() {
    take(() -> acquired.fail(new LeaseTakenException(share + " was taken")));
    return acquired
        .future()
        .compose(
            won ->
                connection
                    .query("select pg_advisory_lock_shared(" + names.ownerLock(self.number()) + ")")
                    .execute())
        .mapEmpty();
  }

  private void take(Runnable otherwise) {
    connection
        .query(
            TAKE.formatted(
                TrustedRole.calls(names),
                names.leaseLock(share.shard()),
                names.checkpoint(),
                names.brokerCallLock()))
        .execute()
        .onComplete(rows -> taken(rows.iterator().next(), otherwise), acquired::fail);
  }

  /**
   * Checks the number of shards in the same statement. It cannot change while a lease is held, so a
   * lease just acquired is valid.
   */
  private void taken(Row row, Runnable otherwise) {
    Integer shards = row.getInteger(1);
    if (shards != null && shards != share.of()) {
      acquired.fail(new ShardCountChangedException(shards));
    } else if (row.getBoolean(0)) {
      acquired.complete();
    } else {
      if (row.getBoolean(2)) {
        onBrokerCall.run();
      }
      otherwise.run();
    }
  }

  private void standBy() {
    connection
        .preparedQuery("select owner from " + names.checkpoint() + " where shard = $1")
        .execute(Tuple.of(share.shard()))
        .compose(
            rows ->
                ConfigMismatchCheck.find(connection, names, self.configFingerprint())
                    .onSuccess(configMismatch -> configMismatch.forEach(LOG::error))
                    .map(rows))
        .onComplete(
            rows -> {
              String owner = rows.size() == 0 ? null : rows.iterator().next().getString(0);
              LOG.atInfo()
                  .addKeyValue("shard", share.shard())
                  .log("standing by: {} is owned by {}", share, owner);
              rehearse();
              takeLater();
            },
            acquired::fail);
  }

  /**
   * Names a session that is no relay and holds the lock of this shard, because waiting for it is in
   * vain. Repeated with every rehearsal.
   */
  private void tellForeignHolders() {
    ForeignLock.find(connection, names)
        .onSuccess(
            locks ->
                locks.stream()
                    .filter(
                        lock -> lock.shard().filter(shard -> shard == share.shard()).isPresent())
                    .forEach(lock -> LOG.warn("{}; {}", lock.sentence(), lock.remedy())));
  }

  private void rehearse() {
    tellForeignHolders();
    lastRehearsal = System.nanoTime();
    rehearsal.run();
  }

  private void takeLater() {
    if (System.nanoTime() - lastRehearsal > BETWEEN_REHEARSALS.toNanos()) {
      rehearse();
    }
    vertx.setTimer(BETWEEN_TRIES.toMillis(), fired -> take(this::takeLater));
  }
}
