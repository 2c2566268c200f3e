package io.outboxrelay.wal;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.window.PartialTransaction;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The committed events that were read since the last batch.
 *
 * @param events with ascending sequence numbers; an aggregate's events are in order across batches
 * @param defects the reason for each event that cannot become a message, by sequence number
 * @param bytes approximate size of the events in memory
 * @param ended the transactions with no further rows
 * @param partial the transaction that continues in the next batch; null if there is none
 * @param position every transaction was handed over that has a commit ending at or before it; zero
 *     if nothing is known yet
 */
public record LogBatch(
    List<OutboxEvent> events,
    Map<Long, String> defects,
    long bytes,
    List<Long> ended,
    @Nullable PartialTransaction partial,
    long position) {}
