package io.outboxrelay.replay;

/**
 * The number of events that a replay leaves out although its filter selects them.
 *
 * @param waiting events that are not delivered yet
 * @param deadLetters events that are dead letters
 */
public record LeftOutEvents(long waiting, long deadLetters) {
  /** Returns true if no event is left out. */
  public boolean isEmpty() {
    return waiting + deadLetters == 0;
  }
}
