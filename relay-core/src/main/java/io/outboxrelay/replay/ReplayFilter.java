package io.outboxrelay.replay;

import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which part of the history is meant; what is null is not asked for.
 *
 * @param from the earliest time, by the start of the transaction that wrote the event
 * @param to the time before which that must be
 * @param aggregateId those of one aggregate
 * @param eventType those of one type
 */
public record ReplayFilter(
    @Nullable OffsetDateTime from,
    @Nullable OffsetDateTime to,
    @Nullable String aggregateId,
    @Nullable String eventType) {

  /** How many parameters {@link #CONDITION} has; further ones begin behind. */
  static final int PARAMETERS = 4;

  /** On the outbox as {@code event}. */
  static final String CONDITION =
      """
      (($1::timestamptz is null or event.created_at >= $1)
       and ($2::timestamptz is null or event.created_at < $2)
       and ($3::text is null or event.aggregate_id = $3)
       and ($4::text is null or event.event_type = $4))\
      """;

  /** All that the outbox holds. */
  public static ReplayFilter everything() {
    return new ReplayFilter(null, null, null, null);
  }

  /** Whether every event is meant. */
  public boolean isEverything() {
    return from == null && to == null && aggregateId == null && eventType == null;
  }

  /** In few words, such as {@code type Paid, from 2026-03-01T12:30:00Z}; times to the second. */
  public String words() {
    if (isEverything()) {
      return "all";
    }
    return Stream.of(
            word("aggregate", aggregateId),
            word("type", eventType),
            word("from", second(from)),
            word("to", second(to)))
        .filter(word -> !word.isEmpty())
        .collect(Collectors.joining(", "));
  }

  private static String word(String name, @Nullable Object value) {
    return value == null ? "" : name + " " + value;
  }

  private static @Nullable Instant second(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant().truncatedTo(ChronoUnit.SECONDS);
  }

  Tuple values() {
    return Tuple.of(from, to, aggregateId, eventType);
  }
}
