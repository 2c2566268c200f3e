package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.PayloadType;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.stream.StreamSupport;

/** Reads complete dead letters page by page; a page is short because payloads may be large. */
public final class DeadLetterExport {
  /** A page of payloads of 1 MB each still fits into a small heap. */
  public static final int PAGE = 50;

  private static final String READ =
      """
      select %1$s from %2$s dead_letter
      where %3$s and dead_letter.seq > $10
      order by dead_letter.seq
      limit $11
      """;

  private final SqlConnection connection;
  private final OutboxNames names;

  public DeadLetterExport(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
  }

  /**
   * Completes with one page.
   *
   * @param after returns only events with a higher sequence number
   */
  public Future<List<ExportedDeadLetter>> read(DeadLetterFilter selection, long after) {
    return connection
        .preparedQuery(
            READ.formatted(
                ExportedDeadLetter.columns(names),
                names.deadLetter(),
                DeadLetterFilter.condition(names)))
        .execute(selection.values().addLong(after).addInteger(PAGE))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(ExportedDeadLetter::of)
                    .toList());
  }

  /** Completes with the type of the payload column. */
  public Future<PayloadType> payloadType() {
    return OutboxTable.payloadType(connection, names);
  }
}
