package io.outboxrelay.eventstatus;

import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * Selects events of the outbox; a criterion that is null is not applied.
 *
 * @param since selects events of transactions that began at this time or later
 * @param until selects events of transactions that began before this time
 * @param before selects events with a sequence number lower than this
 */
public record EventFilter(
    @Nullable String eventType,
    @Nullable String aggregateType,
    @Nullable String aggregateId,
    @Nullable OffsetDateTime since,
    @Nullable OffsetDateTime until,
    @Nullable Long before) {

  static final String CONDITION =
      """
      ($1::text is null or event_type = $1)
      and ($2::text is null or aggregate_type = $2)
      and ($3::text is null or aggregate_id = $3)
      and ($4::timestamptz is null or created_at >= $4)
      and ($5::timestamptz is null or created_at < $5)
      and ($6::bigint is null or seq < $6)
      """;

  Tuple values() {
    return Tuple.of(eventType, aggregateType, aggregateId, since, until, before);
  }
}
