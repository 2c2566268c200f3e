package io.outboxrelay.status;

import java.util.Locale;

/** The state of a relay in one word. */
public enum StatusCode {
  /** The relay has not connected to everything yet. */
  STARTING,
  /** Committed events are delivered soon. */
  DELIVERING,
  /** There is nothing to deliver. */
  IDLE,
  /**
   * Events are delivered, but the oldest waiting event waits for longer than {@link
   * RelayStatus#BEHIND_AFTER}.
   */
  BEHIND,
  /** Nothing is delivered although events wait or may wait. */
  STUCK,
  /** Another relay leads, and this one is ready to take over. */
  STANDING_BY,
  /** An operator has paused everything. */
  PAUSED,
  /** The relay is stopping. */
  STOPPING;

  /** Returns the state in words, such as {@code standing by}. */
  public String words() {
    return word().replace('-', ' ');
  }

  /** Returns the state as the API and the command line write it, such as {@code standing-by}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
