package io.outboxrelay.replay;

import org.jspecify.annotations.Nullable;

/**
 * An operator's request for a replay.
 *
 * @param destination the destination in the broker's terms; null for the original destinations
 * @param ratePerSecond the most events per second
 */
public record ReplayRequest(
    ReplayFilter replayFilter, @Nullable String destination, int ratePerSecond) {
  /**
   * The default rate: small compared to the throughput of a relay, so that live events are not
   * slowed down.
   */
  public static final int USUAL_RATE = 1_000;

  public static final int MOST = 100_000;

  /** Returns a short description, such as {@code type Paid, to audit}. */
  String words() {
    return replayFilter.words() + (destination == null ? "" : ", to " + destination);
  }
}
