package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.RedeliveryFailure;

/**
 * A redelivery under way. The dispatcher calls {@link #isOver} before it sends an event, and {@link
 * #setBack} if an event cannot be published.
 */
interface Redelivery {
  /** Returns true if the remaining events of this redelivery must not be sent. */
  boolean isOver();

  /**
   * Records that an event could not be published and stays a dead letter. All earlier events of its
   * aggregate are settled by then.
   */
  void setBack(RedeliveryFailure redeliveryFailure);
}
