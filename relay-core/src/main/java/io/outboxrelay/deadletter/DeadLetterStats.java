package io.outboxrelay.deadletter;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The number of dead letters of each kind. The cost is bounded: only the first {@link
 * DeadLetterQueries#COUNTED} dead letters, or the given number, are examined.
 *
 * @param retried the number of rejected events that are being retried
 * @param oldest the earliest time at which a dead letter was last rejected or set aside; null if
 *     there is no dead letter
 * @param isMore true if there are more dead letters than were examined
 */
public record DeadLetterStats(
    DeadLetterCounts count, long retried, @Nullable OffsetDateTime oldest, boolean isMore) {}
