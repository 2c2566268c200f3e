package io.outboxrelay.deadletter;

import org.jspecify.annotations.Nullable;

/**
 * All details of one dead letter.
 *
 * @param stored the dead letter as it is stored
 * @param behind how many dead letters of its aggregate come before it, and must be published or
 *     discarded first
 * @param followers how many events of its aggregate wait behind it
 * @param version a value that changes with every change of the dead letter
 * @param defect a sentence about why it cannot become a message; null if it can
 */
public record DeadLetterDetails(
    StoredDeadLetter stored,
    long behind,
    long followers,
    String version,
    @Nullable String defect) {}
