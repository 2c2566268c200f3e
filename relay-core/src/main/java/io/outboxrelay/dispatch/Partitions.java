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

/** The partitions of one shard: splits pages among them by a hash of the aggregate id. */
public final class Partitions implements RedeliveryPublisher {
  private final List<PartitionVerticle> partitions;

  public Partitions(List<PartitionVerticle> partitions) {
    this.partitions = List.copyOf(partitions);
  }

  public List<PartitionVerticle> list() {
    return partitions;
  }

  /**
   * Connects all partitions to the broker. Completes when every partition is connected; fails if
   * the broker refuses this relay.
   */
  public Future<Void> prepare() {
    return all(PartitionVerticle::prepare);
  }

  /**
   * Connects all partitions and warms up their publishers with sample events. Used by a standby,
   * while another relay publishes the shard.
   */
  public void warmUp(List<OutboxEvent> events) {
    partitions.forEach(partition -> partition.warmUp(events));
  }

  /** Begins a term in all partitions; completes when every partition has a connected publisher. */
  public Future<Void> begin(TermContext term) {
    return all(partition -> partition.begin(term));
  }

  /** Ends the term in all partitions; completes when no event of the term is in flight. */
  public Future<Void> end() {
    return all(PartitionVerticle::end);
  }

  /**
   * Publishes a page. Completes when every event of the page is confirmed or stored in the dead
   * letters; fails if the term ends before.
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

  @Override
  public Future<Void> redeliver(String aggregateId, DeadLetterClaims claims) {
    return of(aggregateId)
        .withDispatcher(dispatcher -> dispatcher.redeliveries().begin(aggregateId, claims));
  }

  @Override
  public Future<Optional<RedeliveryFailure>> redeliver(DeadLetter deadLetter) {
    return of(deadLetter.event().aggregateId())
        .withDispatcher(dispatcher -> dispatcher.redeliveries().begin(deadLetter));
  }

  @Override
  public void stopRedeliveries() {
    partitions.forEach(
        partition ->
            partition.withDispatcher(
                dispatcher -> {
                  dispatcher.redeliveries().stop();
                  return Future.succeededFuture();
                }));
  }

  private PartitionVerticle of(String aggregateId) {
    return partitions.get(index(aggregateId));
  }

  private int index(String aggregateId) {
    return Math.floorMod(mixed(aggregateId.hashCode()), partitions.size());
  }

  /**
   * Returns the hash with its high bits mixed into its low bits, because the low bits of similar
   * ids are alike.
   */
  private static int mixed(int hash) {
    return hash ^ (hash >>> 16);
  }

  private Future<Void> all(Function<PartitionVerticle, Future<Void>> action) {
    return Future.all(partitions.stream().map(action).toList()).mapEmpty();
  }
}
