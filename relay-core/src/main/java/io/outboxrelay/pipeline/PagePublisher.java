package io.outboxrelay.pipeline;

import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.page.EventPage;
import io.vertx.core.Future;
import java.util.function.BooleanSupplier;

/** Publishes the pages that the pump has read. */
interface PagePublisher {
  /**
   * Publishes a page. Completes, on any thread, when every event of the page is confirmed or stored
   * in the dead letters; fails if the term ends before.
   */
  Future<Void> publish(EventPage<?> page);

  /** Returns true if no confirm can be expected now, so that it is useless to wait for confirms. */
  boolean isInVain();

  static PagePublisher to(Partitions partitions, BooleanSupplier isInVain) {
    return new PagePublisher() {
      @Override
      public Future<Void> publish(EventPage<?> page) {
        return partitions.publish(page);
      }

      @Override
      public boolean isInVain() {
        return isInVain.getAsBoolean();
      }
    };
  }
}
