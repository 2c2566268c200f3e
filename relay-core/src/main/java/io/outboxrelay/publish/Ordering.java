package io.outboxrelay.publish;

/** How much of an aggregate's order a broker keeps by itself when something fails. */
public enum Ordering {
  /**
   * Later events of an aggregate may be published before the earlier are confirmed.
   *
   * <p>The publisher promises: when an event fails, every event of the same aggregate published
   * after it, up to the moment the failure is reported, fails too and is not delivered. It reports
   * on the event loop that it was called on, or between the report and its arrival there the relay
   * would publish more. The relay waits for them and publishes all of them again, in order.
   */
  PIPELINED,

  /**
   * The next event of an aggregate is published after the confirm of the one before; different
   * aggregates overlap freely. For brokers where a refused message or a lost connection could
   * reorder.
   */
  ONE_AT_A_TIME
}
