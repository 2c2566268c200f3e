package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.deadletter.RedeliveryFailure;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Splits pages among the partitions by a hash of the aggregate id. */
public final class Partitions {
  private final List<PartitionVerticle> partitions;

  public Partitions(List<PartitionVerticle> partitions) {
    this.partitions = List.copyOf(partitions);
  }

  public List<PartitionVerticle> list() {
    return partitions;
  }

  /** Connects all to the broker; completes when each has an answer. */
  public Future<Void> prepare() {
    return all(PartitionVerticle::prepare);
  }

  /** Has each make ready for events like these, which another relay publishes. */
  public void warmUp(List<OutboxEvent> events) {
    partitions.forEach(partition -> partition.warmUp(events));
  }

  /** Begins a term in all of them; completes when each has a publisher. */
  public Future<Void> begin(TermContext term) {
    return all(partition -> partition.begin(term));
  }

  /** Ends the term in all of them; completes when nothing of it is in flight. */
  public Future<Void> end() {
    return all(PartitionVerticle::end);
  }

  /**
   * Publishes a page; completes when every event of it is confirmed or in the dead letters, and
   * fails when the term ends before.
   */
  public Future<Void> publish(EventPage<?> page) {
    var slices = new PageSlice[partitions.size()];
    for (var event : page.events()) {
      int index = index(event.aggregateId());
      if (slices[index] == null) {
        slices[index] = new PageSlice(page.defects());
      }
      slices[index].add(event);
    }
    var confirmed = new ArrayList<Future<Void>>(slices.length);
    for (int i = 0; i < slices.length; i++) {
      if (slices[i] != null) {
        confirmed.add(slices[i].confirmed());
        partitions.get(i).publish(slices[i]);
      }
    }
    return Future.all(confirmed).mapEmpty();
  }

  /**
   * Publishes what an aggregate has in the dead letters, and then lets its live events follow.
   *
   * <p>Completes when that is over, whether all was sent or something set back again; fails where
   * {@code claims} does or the term ends, and then the aggregate is as parked as before: the caller
   * has to begin again, as nothing in the table may say any more that there is something to do.
   */
  public Future<Void> replay(String aggregateId, DeadLetterClaims claims) {
    return of(aggregateId)
        .withDispatcher(dispatcher -> dispatcher.replays().begin(aggregateId, claims));
  }

  /**
   * Publishes an event that was skipped; completes with what kept it, or empty once it was
   * confirmed. Fails where the term ends before.
   */
  public Future<Optional<RedeliveryFailure>> replay(DeadLetter deadLetter) {
    return of(deadLetter.event().aggregateId())
        .withDispatcher(dispatcher -> dispatcher.replays().begin(deadLetter));
  }

  /** Ends replays soon; what they do not get to remains marked for the next owner. */
  public void stopReplays() {
    partitions.forEach(
        partition ->
            partition.withDispatcher(
                dispatcher -> {
                  dispatcher.replays().stop();
                  return Future.succeededFuture();
                }));
  }

  private PartitionVerticle of(String aggregateId) {
    return partitions.get(index(aggregateId));
  }

  private int index(String aggregateId) {
    return Math.floorMod(mixed(aggregateId.hashCode()), partitions.size());
  }

  /** The high bits join in: the low ones of similar ids are alike. */
  private static int mixed(int hash) {
    return hash ^ (hash >>> 16);
  }

  private Future<Void> all(Function<PartitionVerticle, Future<Void>> action) {
    return Future.all(partitions.stream().map(action).toList()).mapEmpty();
  }
}
