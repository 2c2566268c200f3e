package io.outboxrelay.leadership;

import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acquires the lease on a shard: a session advisory lock, which ends with its connection. The end
 * of the connection, and so of the lease, ends the {@link LeadershipTerm}.
 *
 * <p>A standby polls for the lock. If it waited inside {@code pg_advisory_lock}, it would hold a
 * snapshot all the time, and vacuum could remove no dead row in the whole database. While owners
 * are asked to release their shards for a re-sharding, no relay acquires a lease.
 */
public final class LeaseCampaign {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseCampaign.class);
  static final Duration BETWEEN_TRIES = Duration.ofMillis(100);

  /**
   * The pause between two warm-ups of a standby. It is shorter than the five minutes after which
   * Kafka's client forgets the metadata of an unused topic.
   */
  static final Duration BETWEEN_REHEARSALS = Duration.ofMinutes(1);

  private final Vertx vertx;
  private final LongSupplier nanoTime;
  private final LeaseLocks locks;
  private final ShardKey share;
  private final Promise<Void> acquired = Promise.promise();
  private Runnable rehearsal = () -> {};
  private Runnable onBrokerCall = () -> {};
  private long lastRehearsal;

  /** Creates a campaign that acquires the lease once, with {@link #await} or {@link #take}. */
  LeaseCampaign(Vertx vertx, LongSupplier nanoTime, LeaseLocks locks, ShardKey share) {
    this.vertx = vertx;
    this.nanoTime = nanoTime;
    this.locks = locks;
    this.share = share;
  }

  /** Creates a campaign that acquires the lease on {@code connection}. */
  public static LeaseCampaign of(
      Vertx vertx, PgConnection connection, OutboxNames names, ShardKey share, RelayIdentity self) {
    return new LeaseCampaign(
        vertx, System::nanoTime, new SqlLeaseLocks(connection, names, share, self), share);
  }

  /**
   * Announces this relay to the other relays and waits for the lease without a limit. Completes
   * when the lease is acquired. Fails with {@link ShardCountChangedException} if the outbox has
   * another number of shards than this relay assumed. A query that fails, for example because the
   * connection is lost, ends the wait with its failure.
   *
   * @param onStandby warms up the takeover; run at the start of the wait, and then every minute
   * @param onCall run, repeatedly, while the owner asks if another relay can reach the broker
   */
  Future<Void> await(Runnable onStandby, Runnable onCall) {
    rehearsal = onStandby;
    onBrokerCall = onCall;
    return locks
        .announceMember()
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
  public Future<Void> take() {
    take(() -> acquired.fail(new LeaseTakenException(share + " was taken")));
    return acquired.future().compose(won -> locks.announceOwner());
  }

  private void take(Runnable otherwise) {
    locks.tryLease().onComplete(attempt -> tried(attempt, otherwise), acquired::fail);
  }

  private void tried(LeaseLocks.Attempt attempt, Runnable otherwise) {
    var shards = attempt.shards();
    if (shards.isPresent() && shards.getAsInt() != share.of()) {
      acquired.fail(new ShardCountChangedException(shards.getAsInt()));
    } else if (attempt.isAcquired()) {
      acquired.complete();
    } else {
      if (attempt.isBrokerCalled()) {
        onBrokerCall.run();
      }
      otherwise.run();
    }
  }

  private void standBy() {
    locks
        .owner()
        .compose(
            owner ->
                locks
                    .configMismatches()
                    .onSuccess(mismatches -> mismatches.forEach(LOG::error))
                    .map(owner))
        .onComplete(
            owner -> {
              LOG.atInfo()
                  .addKeyValue("shard", share.shard())
                  .log(
                      "standing by for {}{}",
                      share,
                      owner.map(name -> ", last owned by " + name).orElse(""));
              rehearse();
              takeLater();
            },
            acquired::fail);
  }

  /**
   * Logs each session that holds the lock of this shard and is no relay, because no relay can lead
   * the shard until an operator ends that session. Called before every warm-up.
   */
  private void tellForeignHolders() {
    locks
        .foreignHolders()
        .onSuccess(
            held -> held.forEach(lock -> LOG.warn("{}; {}", lock.sentence(), lock.remedy())));
  }

  private void rehearse() {
    tellForeignHolders();
    lastRehearsal = nanoTime.getAsLong();
    rehearsal.run();
  }

  private void takeLater() {
    if (nanoTime.getAsLong() - lastRehearsal > BETWEEN_REHEARSALS.toNanos()) {
      rehearse();
    }
    vertx.setTimer(BETWEEN_TRIES.toMillis(), fired -> take(this::takeLater));
  }
}
