package io.outboxrelay.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Writes the state of the servers and relays to files after a failure. */
final class DiagnosticsDump {
  private static final List<String> QUESTIONS =
      List.of(
          "select pg_current_snapshot()",
          "select * from outbox_checkpoint",
          "select seq, xid, aggregate_id, payload->>'v' as v from outbox order by seq desc limit 50",
          "select aggregate_id, count(*), min(seq), max(seq) from outbox_dead_letter group by 1",
          "select pid, usename, application_name, state, wait_event, xact_start, query_start,"
              + " left(query, 100) as query from pg_stat_activity where datname is not null",
          "select * from pg_prepared_xacts",
          "select locktype, relation::regclass, mode, granted, pid, classid, objid, objsubid"
              + " from pg_locks where locktype <> 'virtualxid'");

  private final ChaosEnvironment site;
  private final LeakCheck health;

  DiagnosticsDump(ChaosEnvironment site, LeakCheck health) {
    this.site = site;
    this.health = health;
  }

  /** Writes the files; their names begin with {@code name}. */
  void write(String name) throws IOException, InterruptedException {
    var folder = site.runLog().folder();
    health.dump(name);
    Files.writeString(folder.resolve(name + "-database.txt"), database());
    Files.writeString(folder.resolve(name + "-postgresql.log"), site.postgres().log());
    Files.writeString(
        folder.resolve(name + "-" + site.options().setup().broker() + ".log"),
        site.brokerSide().broker().log());
  }

  private String database() {
    var text = new StringBuilder();
    try (var connection = site.database().connect()) {
      for (var question : QUESTIONS) {
        text.append(question).append('\n').append(answer(connection, question)).append('\n');
      }
    } catch (SQLException e) {
      text.append(e);
    }
    return text.toString();
  }

  private static String answer(Connection connection, String question) throws SQLException {
    var text = new StringBuilder();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(question)) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        for (int column = 1; column <= columns; column++) {
          text.append(column == 1 ? "" : " | ").append(rows.getString(column));
        }
        text.append('\n');
      }
    }
    return text.toString();
  }
}
