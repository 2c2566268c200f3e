package io.outboxrelay.replay;

import org.jspecify.annotations.Nullable;

/**
 * An operator's request for a replay.
 *
 * @param destination the destination in the broker's terms; null for the original destinations
 * @param ratePerSecond the highest number of events per second
 * @param first the lowest sequence number of the events
 * @param last the highest sequence number of the events
 */
public record ReplayRequest(
    ReplayFilter replayFilter,
    @Nullable String destination,
    int ratePerSecond,
    long first,
    long last) {
  /**
   * The default rate. It is small compared to the throughput of a relay, so that a replay does not
   * slow down new events.
   */
  public static final int USUAL_RATE = 1_000;

  public static final int MOST = 100_000;

  /** Creates a request for events with any sequence number. */
  public ReplayRequest(ReplayFilter replayFilter, @Nullable String destination, int ratePerSecond) {
    this(replayFilter, destination, ratePerSecond, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** Returns a short description, such as {@code type Paid, to audit}. */
  String words() {
    boolean isRange = first != Long.MIN_VALUE || last != Long.MAX_VALUE;
    return (isRange ? replayFilter.words(first, last) : replayFilter.words())
        + (destination == null ? "" : ", to " + destination);
  }
}
