package io.outboxrelay.outbox;

import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/**
 * Reads a small sample of events, without their payloads, spread over the backlog above a sequence
 * number.
 */
public final class BacklogSampler {
  /**
   * Reads the events at a hundred random sequence numbers, one from each hundredth of the range.
   * The numbers are spread over the range, because events of one kind often come in bursts, so
   * neighbouring events are alike. A sample costs a hundred index look-ups, however long the range
   * is.
   */
  private static final String SPREAD =
      """
      select %1$s from %2$s
      where seq in (
          select $1 + 1 + floor((part + random()) * (last_value - $1) / 100)::bigint
          from %3$s, generate_series(0, 99) part where last_value > $1)
        and (%4$s)
      """;

  private final SqlConnection connection;
  private final EventColumns columns;
  private final String spread;

  /**
   * @param share the shard from which to take events
   */
  public BacklogSampler(
      SqlConnection connection, OutboxNames names, ShardKey share, PayloadType payload) {
    this.connection = connection;
    this.columns = new EventColumns(payload);
    this.spread =
        SPREAD.formatted(
            columns.selectWithoutPayload(), names.events(), names.sequence(), share.mine());
  }

  /**
   * Completes with at most a hundred events; fewer if some of the chosen sequence numbers have no
   * event or belong to another shard.
   */
  public Future<List<OutboxEvent>> after(long seq) {
    return connection.preparedQuery(spread).execute(Tuple.of(seq)).map(columns::sound);
  }
}
