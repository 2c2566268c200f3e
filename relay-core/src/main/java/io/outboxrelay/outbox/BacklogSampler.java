package io.outboxrelay.outbox;

import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Takes a few events, without their payloads, from all over what follows a place in the table. */
public final class BacklogSampler {
  /**
   * A hundred numbers, one at random from each hundredth of the stretch: events of one kind come in
   * bursts, so neighbours tell little. As many index look-ups, however long the stretch.
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
   * @param share whose events to take
   */
  public BacklogSampler(
      SqlConnection connection, OutboxNames names, ShardKey share, PayloadType payload) {
    this.connection = connection;
    this.columns = new EventColumns(payload);
    this.spread =
        SPREAD.formatted(
            columns.selectWithoutPayload(), names.outbox(), names.sequence(), share.mine());
  }

  /** A hundred at most, and fewer where numbers are missing or belong to another shard. */
  public Future<List<OutboxEvent>> after(long seq) {
    return connection.preparedQuery(spread).execute(Tuple.of(seq)).map(columns::sound);
  }
}
