package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShownValue;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads dead letters with headers and payload page by page. Pages are short, because payloads may
 * be large.
 */
public final class DeadLetterExport {
  private static final int MOST = 50;

  /**
   * The maximum size of a page in bytes, by the estimate of {@link EventColumns#sizeOf}; a page has
   * at least one dead letter.
   */
  private static final int MOST_BYTES = 4 << 20;

  /**
   * Selects one page. Examines one row more than a page can have, so that the result shows if
   * another page follows.
   */
  private static final String READ =
      """
      select %1$s, chosen.number < chosen.found
      from (
        select seq, number, found
        from (
          select seq, row_number() over by_seq as number, count(*) over () as found,
                 sum(bytes) over by_seq as total
          from (
            select dead_letter.seq, least(%4$s, %5$d)::bigint as bytes
            from %2$s dead_letter
            where %3$s and dead_letter.seq > $10
            order by dead_letter.seq
            limit %6$d + 1
          ) next
          window by_seq as (order by seq)
        ) summed
        where number = 1 or number <= %6$d and total <= %7$d
      ) chosen
      join %2$s dead_letter on dead_letter.seq = chosen.seq
      order by dead_letter.seq
      """;

  private final SqlConnection connection;
  private final OutboxNames names;

  /**
   * One page.
   *
   * @param next the argument {@code after} for the next page; null if this is the last page
   */
  public record Page(List<StoredDeadLetter> deadLetters, @Nullable Long next) {}

  public DeadLetterExport(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
  }

  /**
   * Completes with one page.
   *
   * @param after a sequence number; the page has only dead letters with a higher one
   */
  public Future<Page> nextPage(DeadLetterFilter selection, long after) {
    return OutboxTable.payloadType(connection, names)
        .compose(type -> nextPage(selection, after, type));
  }

  private Future<Page> nextPage(DeadLetterFilter selection, long after, PayloadType type) {
    return connection
        .preparedQuery(
            READ.formatted(
                StoredDeadLetter.columns(names, type),
                names.deadLetter(),
                DeadLetterFilter.condition(names),
                EventColumns.of(connection, names.columns(), type, ShownValue.MOST)
                    .sizeOf("dead_letter."),
                2 * ShownValue.MOST,
                MOST,
                MOST_BYTES))
        .execute(selection.values().addLong(after))
        .map(rows -> page(rows, type));
  }

  private Page page(RowSet<Row> rows, PayloadType type) {
    var deadLetters = new ArrayList<StoredDeadLetter>();
    Long next = null;
    for (var row : rows) {
      var deadLetter = StoredDeadLetter.of(row, names, type);
      deadLetters.add(deadLetter);
      next = row.getBoolean(StoredDeadLetter.COLUMNS) ? deadLetter.listed().seq() : null;
    }
    return new Page(List.copyOf(deadLetters), next);
  }
}
