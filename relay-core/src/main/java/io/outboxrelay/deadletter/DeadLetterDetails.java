package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.PayloadType;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * All details of one dead letter.
 *
 * @param behind how many dead letters of its aggregate come before it, and must be published or
 *     discarded first
 * @param followers how many events of its aggregate wait behind it
 * @param type the type of the payload column
 * @param version changes with every change of the dead letter
 * @param defect a sentence about why it cannot become a message; null if it can
 */
public record DeadLetterDetails(
    DeadLetterSummary listed,
    @Nullable String id,
    @Nullable OffsetDateTime createdAt,
    OffsetDateTime deadLetteredAt,
    long behind,
    long followers,
    @Nullable String headers,
    @Nullable String payload,
    PayloadType type,
    String version,
    @Nullable String defect) {}
