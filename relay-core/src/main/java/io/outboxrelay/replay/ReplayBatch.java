package io.outboxrelay.replay;

import io.outboxrelay.deadletter.DeadLetter;
import java.util.List;

/**
 * The result of one read of a replay's events. The number of events and their bytes are limited.
 *
 * @param events the events to publish, in order, with their defects
 * @param leftOut the events that were left out
 * @param upTo the sequence number up to which all events of the replay have been read
 */
record ReplayBatch(List<DeadLetter> events, LeftOutEvents leftOut, long upTo) {}
