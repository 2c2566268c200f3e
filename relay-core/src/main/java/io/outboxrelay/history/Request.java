package io.outboxrelay.history;

import org.jspecify.annotations.Nullable;

/**
 * What somebody asks for.
 *
 * @param destination where to send it, in the broker's words; null for where each event went
 * @param ratePerSecond how many events a second at most
 * @param by who asks, for those who look later
 */
public record Request(Excerpt excerpt, @Nullable String destination, int ratePerSecond, String by) {
  /** Modest beside what a relay publishes, so that nobody else notices. */
  public static final int USUAL_RATE = 1_000;

  public static final int MOST = 100_000;
}
