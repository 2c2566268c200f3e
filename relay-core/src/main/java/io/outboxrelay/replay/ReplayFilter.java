package io.outboxrelay.replay;

import io.outboxrelay.format.TimestampFormat;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Selects the events of a replay; a criterion that is null is not applied.
 *
 * @param from the earliest time, by the start of the transaction that wrote the event
 * @param to the time before which that transaction must have started
 * @param aggregateId selects the events of one aggregate
 * @param eventType selects the events of one type
 */
public record ReplayFilter(
    @Nullable OffsetDateTime from,
    @Nullable OffsetDateTime to,
    @Nullable String aggregateId,
    @Nullable String eventType) {

  /**
   * The number of parameters of {@link #CONDITION}. Further parameters of a query have higher
   * numbers.
   */
  static final int PARAMETERS = 4;

  /** The SQL condition that selects the events of the outbox, which has the alias {@code event}. */
  static final String CONDITION =
      """
      (($1::timestamptz is null or event.created_at >= $1)
       and ($2::timestamptz is null or event.created_at < $2)
       and ($3::text is null or event.aggregate_id = $3)
       and ($4::text is null or event.event_type = $4))\
      """;

  /** Returns the filter that selects all events of the outbox. */
  public static ReplayFilter everything() {
    return new ReplayFilter(null, null, null, null);
  }

  /** Returns true if every event is selected. */
  public boolean isEverything() {
    return from == null && to == null && aggregateId == null && eventType == null;
  }

  /**
   * Returns a short description, such as {@code type Paid, from 2026-03-01T12:30:00Z}, with times
   * to the second.
   */
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

  /** Returns {@link #words} and the range of sequence numbers. */
  String words(long first, long last) {
    return words() + ", " + numbers(first, last);
  }

  /** Returns a range of sequence numbers, such as {@code numbers 1 to 300}. */
  static String numbers(long first, long last) {
    return "numbers " + first + " to " + last;
  }

  private static String word(String name, @Nullable Object value) {
    return value == null ? "" : name + " " + value;
  }

  private static @Nullable String second(@Nullable OffsetDateTime time) {
    return time == null ? null : TimestampFormat.of(time);
  }

  Tuple values() {
    return Tuple.of(from, to, aggregateId, eventType);
  }
}
