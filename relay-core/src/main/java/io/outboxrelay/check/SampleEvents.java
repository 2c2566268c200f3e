package io.outboxrelay.check;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/**
 * Reads recent events for the broker's check: the latest of each aggregate type among the last
 * 1,000.
 */
final class SampleEvents {
  private static final String LATEST =
      """
      select %s from (
        select distinct on (aggregate_type) *
        from (select * from %s order by seq desc limit 1000) recent
        order by aggregate_type, seq desc
        limit 100) latest
      """;

  /**
   * The maximum size of a sampled event's payload, and of its headers, in bytes. Larger events are
   * not sampled, so that a hundred events fit into a small heap.
   */
  private static final long MOST_BYTES = 256 << 10;

  private SampleEvents() {}

  static Future<List<OutboxEvent>> latest(PgConnection connection, OutboxNames names) {
    return OutboxTable.payloadType(connection, names)
        .compose(payload -> latest(connection, names, payload));
  }

  private static Future<List<OutboxEvent>> latest(
      PgConnection connection, OutboxNames names, PayloadType payload) {
    var columns = EventColumns.of(connection, names.columns(), payload, MOST_BYTES);
    return connection
        .query(LATEST.formatted(columns.selectWithoutPayload(), names.events()))
        .execute()
        .map(columns::sound);
  }
}
