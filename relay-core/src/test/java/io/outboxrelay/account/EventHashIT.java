package io.outboxrelay.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.PostgresServer;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The relay and PostgreSQL compute the same hash. */
class EventHashIT {
  @Test
  void isThatOfPostgresql() throws Exception {
    var random = new Random(1);
    try (var database = PostgresServer.shared().createDatabase();
        var connection = database.connect();
        var query =
            connection.prepareStatement(
                "select "
                    + EventHash.sql("e.")
                    + " from (select ?::uuid as id, ?::bigint as seq) e")) {
      for (int i = 0; i < 2_000; i++) {
        var id = new UUID(random.nextLong(), random.nextLong());
        long seq = i < 4 ? i - 1 : random.nextLong() >> random.nextInt(64);
        query.setObject(1, id);
        query.setLong(2, seq);
        try (var rows = query.executeQuery()) {
          rows.next();
          assertThat(EventHash.of(seq, id)).as("%s, %s", seq, id).isEqualTo(rows.getLong(1));
        }
      }
      try (var statement = connection.createStatement();
          var rows = statement.executeQuery("select " + EventHash.AGREES)) {
        rows.next();
        assertThat(rows.getBoolean(1)).isTrue();
      }
    }
  }
}
