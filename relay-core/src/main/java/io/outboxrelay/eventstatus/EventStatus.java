package io.outboxrelay.eventstatus;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one event.
 *
 * @param sentence the status in words
 * @param discardedBy the operator that gave it up; null for another status, or where that is not
 *     known
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
