package io.outboxrelay.replay;

import io.outboxrelay.deadletter.DeadLetter;
import java.util.List;

/**
 * A bounded read of a replay's events.
 *
 * @param events the events to publish, in order, with their defects
 * @param waiting how many events were left out because they are not delivered yet
 * @param deadLetters how many events were left out because they are dead letters
 * @param upTo all events up to this sequence number have been read
 */
record ReplayBatch(List<DeadLetter> events, int waiting, int deadLetters, long upTo) {}
