package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.RedeliveryFailure;

/**
 * What lanes know of an event that comes from the dead letters: whom to tell what becomes of it.
 */
interface Redelivery {
  /** Whether what is left of it is not to be sent any more. */
  boolean isOver();

  /** The event stays a dead letter; all before it in its aggregate are settled. */
  void setBack(RedeliveryFailure redeliveryFailure);
}
