package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.PayloadType;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * All of one dead letter.
 *
 * @param behind how many letters of its aggregate come before it, and must be sent or discarded
 *     first
 * @param followers how many of its aggregate wait behind it
 * @param type of the payload's column
 * @param version changes with every change of the letter
 * @param defect why it cannot become a message as it is; null where it can
 */
public record DeadLetterDetails(
    DeadLetterSummary listed,
    @Nullable String id,
    @Nullable OffsetDateTime createdAt,
    OffsetDateTime buriedAt,
    long behind,
    long followers,
    @Nullable String headers,
    @Nullable String payload,
    PayloadType type,
    String version,
    @Nullable String defect) {}
