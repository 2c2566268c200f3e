package io.outboxrelay.partition;

import io.outboxrelay.page.Page;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
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

  /** Begins a term in all of them; completes when each has a publisher. */
  public Future<Void> begin(Term term) {
    return all(partition -> partition.begin(term));
  }

  /** Ends the term in all of them; completes when nothing of it is in flight. */
  public Future<Void> end() {
    return all(Partition::end);
  }

  /** Publishes a page; completes when every event of it is confirmed or in the dead letters. */
  public Future<Void> publish(Page<?> page) {
    var slices = new Slice[partitions.size()];
    for (var event : page.events()) {
      int index = Math.floorMod(mixed(event.aggregateId().hashCode()), slices.length);
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

  /** The high bits join in: the low ones of similar ids are alike. */
  private static int mixed(int hash) {
    return hash ^ (hash >>> 16);
  }

  private Future<Void> all(Function<Partition, Future<Void>> action) {
    return Future.all(partitions.stream().map(action).toList()).mapEmpty();
  }
}
