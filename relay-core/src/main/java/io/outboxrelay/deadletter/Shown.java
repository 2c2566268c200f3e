package io.outboxrelay.deadletter;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * All of one dead letter.
 *
 * @param behind how many letters of its aggregate come before it, and must be sent or discarded
 *     first
 * @param defect why it cannot become a message as it is; null where it can
 */
public record Shown(
    Listed listed,
    @Nullable String id,
    @Nullable OffsetDateTime createdAt,
    OffsetDateTime buriedAt,
    long behind,
    @Nullable String headers,
    @Nullable String payload,
    @Nullable String defect) {}
