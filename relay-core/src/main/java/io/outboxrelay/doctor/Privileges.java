package io.outboxrelay.doctor;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Whether the relay's role may do what the relay does. */
final class Privileges implements Examination {
  private static final String MISSING =
      """
      select current_user, needed.name, to_regclass(needed.name) is not null,
             string_agg(privilege, ', ') filter (
               where not has_table_privilege(to_regclass(needed.name), privilege))
      from unnest($1::text[], $2::text[]) with ordinality as needed (name, privileges, place),
           lateral unnest(string_to_array(needed.privileges, ',')) as privilege
      group by needed.name, needed.place
      order by needed.place
      """;

  private final OutboxNames names;

  Privileges(OutboxNames names) {
    this.names = names;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    String[] tables = {
      names.outbox(),
      names.checkpoint(),
      names.deadLetter(),
      names.version(),
      names.crashGuard(),
      names.replays(),
      names.pause(),
      names.audit()
    };
    String[] privileges = {
      "select,delete",
      "select,update",
      "select,insert,update,delete",
      "select",
      "select,insert,update",
      "select,insert,update",
      "select,insert,delete",
      "select,insert"
    };
    return connection
        .preparedQuery(MISSING)
        .execute(Tuple.tuple().addArrayOfString(tables).addArrayOfString(privileges))
        .map(
            rows -> {
              var problems =
                  StreamSupport.stream(rows.spliterator(), false)
                      .map(Privileges::problem)
                      .filter(Objects::nonNull)
                      .collect(Collectors.<Finding>toList());
              return problems.isEmpty()
                  ? List.of(Finding.ok("the relay's role has every privilege it needs"))
                  : problems;
            });
  }

  private static @Nullable Finding problem(Row row) {
    String table = row.getString(1);
    if (!row.getBoolean(2)) {
      return Finding.problem("the table " + table + " is not there", "run the command init");
    }
    String missing = row.getString(3);
    return missing == null
        ? null
        : Finding.problem(
            "the role " + row.getString(0) + " lacks " + missing + " on " + table,
            "grant %s on %s to \"%s\"".formatted(missing, table, row.getString(0)));
  }
}
