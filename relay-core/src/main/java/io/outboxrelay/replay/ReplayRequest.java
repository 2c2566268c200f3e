package io.outboxrelay.replay;

import org.jspecify.annotations.Nullable;

/**
 * What somebody asks for.
 *
 * @param destination where to send it, in the broker's words; null for where each event went
 * @param ratePerSecond how many events a second at most
 */
public record ReplayRequest(
    ReplayFilter replayFilter, @Nullable String destination, int ratePerSecond) {
  /** Modest beside what a relay publishes, so that nobody else notices. */
  public static final int USUAL_RATE = 1_000;

  public static final int MOST = 100_000;

  /** In few words, such as {@code type Paid, to audit}. */
  String words() {
    return replayFilter.words() + (destination == null ? "" : ", to " + destination);
  }
}
