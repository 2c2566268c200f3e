package io.outboxrelay.partition;

import io.outboxrelay.deadletter.Claims;
import io.outboxrelay.deadletter.Letter;
import io.outboxrelay.deadletter.Setback;
import io.outboxrelay.page.Page;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Splits pages among the partitions by a hash of the aggregate id. */
public final class Partitions {
  private final List<Partition> partitions;

  public Partitions(List<Partition> partitions) {
    this.partitions = List.copyOf(partitions);
  }

  public List<Partition> list() {
    return partitions;
  }

  /** Connects all to the broker; completes when each has an answer. */
  public Future<Void> prepare() {
    return all(Partition::prepare);
  }

  /** Has each make ready for events like these, which another relay publishes. */
  public void anticipate(List<OutboxEvent> events) {
    partitions.forEach(partition -> partition.anticipate(events));
  }

  /** Begins a term in all of them; completes when each has a publisher. */
  public Future<Void> begin(Term term) {
    return all(partition -> partition.begin(term));
  }

  /** Ends the term in all of them; completes when nothing of it is in flight. */
  public Future<Void> end() {
    return all(Partition::end);
  }

  /**
   * Publishes a page; completes when every event of it is confirmed or in the dead letters, and
   * fails when the term ends before.
   */
  public Future<Void> publish(Page<?> page) {
    var slices = new Slice[partitions.size()];
    for (var event : page.events()) {
      int index = index(event.aggregateId());
      if (slices[index] == null) {
        slices[index] = new Slice(page.defects());
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
  public Future<Void> replay(String aggregateId, Claims claims) {
    return of(aggregateId).withLanes(lanes -> lanes.replays().begin(aggregateId, claims));
  }

  /**
   * Publishes an event that was skipped; completes with what kept it, or empty once it was
   * confirmed. Fails where the term ends before.
   */
  public Future<Optional<Setback>> replay(Letter letter) {
    return of(letter.event().aggregateId()).withLanes(lanes -> lanes.replays().begin(letter));
  }

  /** Ends replays soon; what they do not get to remains marked for the next owner. */
  public void stopReplays() {
    partitions.forEach(
        partition ->
            partition.withLanes(
                lanes -> {
                  lanes.replays().stop();
                  return Future.succeededFuture();
                }));
  }

  private Partition of(String aggregateId) {
    return partitions.get(index(aggregateId));
  }

  private int index(String aggregateId) {
    return Math.floorMod(mixed(aggregateId.hashCode()), partitions.size());
  }

  /** The high bits join in: the low ones of similar ids are alike. */
  private static int mixed(int hash) {
    return hash ^ (hash >>> 16);
  }

  private Future<Void> all(Function<Partition, Future<Void>> action) {
    return Future.all(partitions.stream().map(action).toList()).mapEmpty();
  }
}
