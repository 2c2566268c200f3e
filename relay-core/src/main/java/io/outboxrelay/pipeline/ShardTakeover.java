package io.outboxrelay.pipeline;

import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.doorbell.Doorbell;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;

/**
 * The objects of a shard that this relay has taken over. The epoch is raised, so a former owner can
 * write nothing more.
 *
 * @param source reads the outbox, from the stored checkpoint onwards
 * @param buried the dead letters of the shard, including the last ones of the former owner
 */
public record ShardTakeover(
    Doorbell doorbell, TableSource source, PayloadType payload, DeadLetterSnapshot buried) {
  /**
   * Takes over the shard: raises the epoch, and then reads the dead letters. In this order no dead
   * letter is missed, because a former owner with an outdated epoch can write none.
   */
  public static Future<ShardTakeover> of(TermResources term) {
    var shard = term.shard();
    return OutboxTable.payloadType(term.reader(), shard.names())
        .compose(payload -> raiseEpoch(term, payload));
  }

  private static Future<ShardTakeover> raiseEpoch(TermResources term, PayloadType payload) {
    var shard = term.shard();
    var doorbell =
        new Doorbell(
            shard.vertx(),
            term.reader(),
            shard.names(),
            shard.share().shard(),
            shard.config().source().doorbell(),
            shard.metrics());
    return TableSource.open(
            term.reader(),
            new TableSource.Owner(
                shard.relay().self().name(), shard.relay().self().configFingerprint()),
            shard.pageLimits(payload),
            new TableSource.Collaborators(doorbell, shard.metrics(), shard.onCall()))
        .compose(
            source ->
                DeadLetterSnapshot.read(term.reader(), shard.names(), shard.share())
                    .map(buried -> new ShardTakeover(doorbell, source, payload, buried)));
  }
}
