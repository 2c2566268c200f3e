package io.outboxrelay.status;

import java.util.Locale;

/** How the relay gets on, in a word. */
public enum StatusCode {
  /** It has not begun. */
  STARTING,
  /** What is committed is delivered soon. */
  DELIVERING,
  /** There is nothing to deliver. */
  IDLE,
  /** It delivers, but the oldest event waits for long. */
  BEHIND,
  /** It does not get on. */
  STUCK,
  /** Another relay leads, and this one would take over. */
  STANDING_BY,
  /** Somebody has told it to wait. */
  PAUSED,
  /** It was told to end. */
  STOPPING;

  /** In words, such as {@code standing by}. */
  public String words() {
    return word().replace('-', ' ');
  }

  /** As users write it, such as {@code standing-by}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
