package io.outboxrelay.dispatch;

import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The events of a page that belong to one partition, or the events of one redelivery. The future
 * {@link #confirmed} completes when every event is settled, and fails if the term ends before.
 */
final class PageSlice {
  private final List<OutboxEvent> events = new ArrayList<>();
  private final Map<Long, String> defects;
  private final @Nullable Redelivery redelivery;
  private final Promise<Void> confirmed = Promise.promise();
  private int waiting;

  /**
   * Creates an empty slice.
   *
   * @param defects the reasons for which events of the page cannot become messages, by sequence
   *     number
   */
  PageSlice(Map<Long, String> defects) {
    this(defects, null);
  }

  /**
   * Creates an empty slice.
   *
   * @param redelivery the redelivery to which the events belong; null if they were read from the
   *     outbox
   */
  PageSlice(Map<Long, String> defects, @Nullable Redelivery redelivery) {
    this.defects = defects;
    this.redelivery = redelivery;
  }

  /** Returns the redelivery to which the events belong; null if they were read from the outbox. */
  @Nullable Redelivery redelivery() {
    return redelivery;
  }

  void add(OutboxEvent event) {
    events.add(event);
    waiting++;
  }

  List<OutboxEvent> events() {
    return events;
  }

  /** Returns why the event cannot become a message; null for nearly all events. */
  @Nullable String defect(OutboxEvent event) {
    return defects.isEmpty() ? null : defects.get(event.seq());
  }

  Future<Void> confirmed() {
    return confirmed.future();
  }

  /**
   * Returns how many events are settled. If all events of the slice belong to one aggregate, the
   * settled events are the first ones.
   */
  int settled() {
    return events.size() - waiting;
  }

  /** Counts one event as settled: confirmed by the broker, or stored in the dead letters. */
  void settleOne() {
    if (--waiting == 0) {
      confirmed.tryComplete();
    }
  }

  /** Fails the slice, because the term has ended before all events were settled. */
  void abandon(Throwable reason) {
    confirmed.tryFail(reason);
  }
}
