package io.outboxrelay.debeziumformat;

import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.fail;

import io.outboxrelay.database.TestConnections;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The events that are read from a real table become the messages that were recorded. */
class RecordedTablesIT {
  /** The columns that {@code init --adopt} adds. */
  private static final String ADOPTED =
      """
      create sequence relay_seq;
      alter table outboxevent add xid xid8 default pg_current_xact_id(),
        add seq bigint default nextval('relay_seq'), add created_at timestamptz default now()""";

  private static Vertx vertx;

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void closeVertx() {
    done(vertx.close());
  }

  static List<RouterCase> cases() {
    return RouterCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eventsOfTheTableBecomeTheMessagesOfDebezium(RouterCase router) throws Exception {
    var comparison = new MessageComparison(router);
    try (var database = PostgresServer.shared().createDatabase()) {
      database.execute("create table outboxevent (" + router.table() + ")");
      database.execute(ADOPTED);
      for (int i = 0; i < router.rows().size(); i++) {
        database.execute(router.insert(i));
      }

      events(database, OutboxConfig.from(comparison.settings())).forEach(comparison::compare);
    }
    comparison.end();
  }

  private static List<OutboxEvent> events(TestDatabase database, OutboxConfig outbox) {
    var names = outbox.names();
    var connection = TestConnections.open(vertx, database);
    try {
      var payload = done(OutboxTable.payloadType(connection, names));
      var columns = EventColumns.of(connection, names.columns(), payload, 1 << 20);
      var query = "select %s from %s order by seq".formatted(columns.select(), names.events());
      var events = new ArrayList<OutboxEvent>();
      for (var row : done(connection.query(query).execute())) {
        events.add(columns.event(row, (seq, defect) -> fail(defect)));
      }
      return events;
    } finally {
      done(connection.close());
    }
  }
}
