package io.outboxrelay.check;

import io.outboxrelay.outbox.InitRights;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Checks that the sequence gives out its numbers one by one in ascending order. */
final class SequenceCheck implements DatabaseCheck {
  private static final String FIND =
      """
      select seqcache, seqincrement, seqcycle from pg_sequence where seqrelid = to_regclass($1)
      """;

  private final InitRights rights;
  private final OutboxNames names;

  SequenceCheck(InitRights rights) {
    this.rights = rights;
    this.names = rights.names();
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return connection
        .preparedQuery(FIND)
        .execute(Tuple.of(names.sequence()))
        .map(
            rows ->
                List.of(
                    rows.size() == 0
                        ? Finding.problem(
                            "the sequence " + names.sequence() + " is not there", rights.remedy())
                        : finding(rows.iterator().next())));
  }

  private Finding finding(Row row) {
    long cache = row.getLong(0);
    long increment = row.getLong(1);
    if (cache == 1 && increment == 1 && !row.getBoolean(2)) {
      return Finding.ok("the sequence " + names.sequence() + " caches nothing and only grows");
    }
    return Finding.problem(
        "the sequence %s has cache %d, increment %d%s: numbers may be out of order and events lost"
            .formatted(names.sequence(), cache, increment, row.getBoolean(2) ? " and cycles" : ""),
        "alter sequence " + names.sequence() + " cache 1 increment 1 no cycle");
  }
}
