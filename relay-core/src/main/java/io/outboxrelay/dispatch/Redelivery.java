package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.RedeliveryFailure;

/**
 * A redelivery under way. The dispatcher calls {@link #isOver} before it sends an event, and {@link
 * #setBack} if an event cannot be published.
 */
interface Redelivery {
  /** Returns true if its remaining events must not be sent any more. */
  boolean isOver();

  /**
   * Records that the event stays a dead letter; all earlier events of its aggregate are settled.
   */
  void setBack(RedeliveryFailure redeliveryFailure);
}
