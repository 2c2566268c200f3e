package io.outboxrelay.eventstatus;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The status of one event, with the columns that identify it.
 *
 * @param sentence the status in words
 * @param discardedBy the operator that discarded it; null for another status, or if it is not known
 */
public record EventStatus(
    long seq,
    @Nullable String id,
    @Nullable String aggregateType,
    @Nullable String aggregateId,
    @Nullable String eventType,
    @Nullable OffsetDateTime createdAt,
    Status status,
    String sentence,
    @Nullable String discardedBy,
    @Nullable OffsetDateTime discardedAt) {}
