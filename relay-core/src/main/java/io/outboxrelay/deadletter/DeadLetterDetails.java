package io.outboxrelay.deadletter;

import org.jspecify.annotations.Nullable;

/**
 * All details of one dead letter.
 *
 * @param stored the dead letter as it is stored
 * @param behind the number of dead letters of its aggregate that come before it and must be
 *     published or discarded first
 * @param followers the number of events of its aggregate that wait behind it
 * @param version a value that changes with every change of the dead letter
 * @param defect a sentence about why the event cannot become a message; null if it can
 */
public record DeadLetterDetails(
    StoredDeadLetter stored,
    long behind,
    long followers,
    String version,
    @Nullable String defect) {}
