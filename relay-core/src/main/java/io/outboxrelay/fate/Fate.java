package io.outboxrelay.fate;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * What became of one event.
 *
 * @param end {@code waiting}, {@code published}, {@code parked}, {@code rejected} or {@code
 *     discarded}
 * @param sentence the same in words
 */
public record Fate(
    long seq,
    @Nullable String id,
    @Nullable String aggregateType,
    @Nullable String aggregateId,
    @Nullable String eventType,
    @Nullable OffsetDateTime createdAt,
    String end,
    String sentence) {

  /** Where no event is found: it was not committed yet, was removed, or never was. */
  public static final String UNKNOWN = "uncommitted-or-unknown";
}
