package io.outboxrelay.replay;

import io.outboxrelay.deadletter.DeadLetter;
import java.util.List;

/**
 * A bounded read of an excerpt.
 *
 * @param events the events to send, in order, and what is wrong with them
 * @param waiting how many were left out, as they still wait to be delivered at all
 * @param deadLetters how many were left out, as they stand in the dead events
 * @param upTo all up to this sequence number has been read
 */
record ReplayBatch(List<DeadLetter> events, int waiting, int deadLetters, long upTo) {}
