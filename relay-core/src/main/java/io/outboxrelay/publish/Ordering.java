package io.outboxrelay.publish;

/**
 * Tells how a broker keeps the order of an aggregate's events if a publish fails, and so how many
 * events of an aggregate the relay may publish at a time.
 */
public enum Ordering {
  /**
   * Later events of an aggregate may be published before earlier ones are confirmed.
   *
   * <p>The publisher promises: if an event fails, every event of that aggregate published after it,
   * up to the moment the failure is reported, fails too and is not delivered. It reports on the
   * event loop from which it was called, because the relay could otherwise publish more events
   * before the report arrives there. The relay waits for all these failures and publishes the
   * events again, in order.
   */
  PIPELINED,

  /**
   * The next event of an aggregate is published after the confirm of the one before; different
   * aggregates overlap freely. It is for brokers that could reorder messages after a refused
   * message or a lost connection.
   */
  ONE_AT_A_TIME
}
