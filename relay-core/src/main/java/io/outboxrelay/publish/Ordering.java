package io.outboxrelay.publish;

/**
 * Tells how a broker keeps the order of an aggregate's events if a publish fails, and so how many
 * events of an aggregate the relay may publish at a time.
 */
public enum Ordering {
  /**
   * Later events of an aggregate may be published before earlier ones are confirmed.
   *
   * <p>The publisher promises this: If an event fails, all later events of the same aggregate fail,
   * too, if they were published before the failure was reported. None of them is delivered. The
   * publisher reports failures on the event loop from which it was called. On another thread, the
   * relay could publish more events before the report arrives at the event loop. The relay waits
   * for all these failures and publishes the events again, in order.
   */
  PIPELINED,

  /**
   * The next event of an aggregate is published after the previous event is confirmed; events of
   * different aggregates may be in flight at the same time. This value is for brokers that could
   * reorder messages after a refused message or a lost connection.
   */
  ONE_AT_A_TIME
}
