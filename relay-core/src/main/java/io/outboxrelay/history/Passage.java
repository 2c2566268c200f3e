package io.outboxrelay.history;

import io.outboxrelay.deadletter.Letter;
import java.util.List;

/**
 * A bounded read of an excerpt.
 *
 * @param letters the events to send, in order, and what is wrong with them
 * @param waiting how many were left out, as they still wait to be delivered at all
 * @param deadLetters how many were left out, as they stand in the dead letters
 * @param upTo all up to this sequence number has been read
 */
record Passage(List<Letter> letters, int waiting, int deadLetters, long upTo) {}
