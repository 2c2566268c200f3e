package io.outboxrelay.dispatch;

import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One partition's share of a page; confirmed when every event of it is, and failed if the term ends
 * before.
 */
final class PageSlice {
  private final List<OutboxEvent> events = new ArrayList<>();
  private final Map<Long, String> defects;
  private final @Nullable Redelivery replay;
  private final Promise<Void> confirmed = Promise.promise();
  private int waiting;

  /**
   * Starts an empty slice.
   *
   * @param defects the page's, by sequence number
   */
  PageSlice(Map<Long, String> defects) {
    this(defects, null);
  }

  /** Starts an empty slice of events that come from the dead letters. */
  PageSlice(Map<Long, String> defects, @Nullable Redelivery replay) {
    this.defects = defects;
    this.replay = replay;
  }

  /** Whom to tell what becomes of the events where they come from the dead letters. */
  @Nullable Redelivery replay() {
    return replay;
  }

  void add(OutboxEvent event) {
    events.add(event);
    waiting++;
  }

  List<OutboxEvent> events() {
    return events;
  }

  /** Why the event cannot become a message; null for nearly all. */
  @Nullable String defect(OutboxEvent event) {
    return defects.isEmpty() ? null : defects.get(event.seq());
  }

  Future<Void> confirmed() {
    return confirmed.future();
  }

  /** How many of its events are done with; of one aggregate, the first so many. */
  int settled() {
    return events.size() - waiting;
  }

  /** Counts one event as done with: confirmed by the broker, or safe in the dead letters. */
  void settleOne() {
    if (--waiting == 0) {
      confirmed.tryComplete();
    }
  }

  /** The term has ended before all of it was settled. */
  void abandon(Throwable reason) {
    confirmed.tryFail(reason);
  }
}
