package io.outboxrelay.outbox;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** If events were numbered in another way than the reader expects, some could be lost silently. */
class NumberingIT {
  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final OutboxConfig config = OutboxConfig.from(Settings.of("test", Map.of()));

  @BeforeEach
  void init() throws Exception {
    database.execute(new OutboxSchema(config).script());
  }

  @AfterEach
  void close() {
    vertx.close().await();
    database.close();
  }

  @Test
  void isRightAsInitMakesIt() {
    verify();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alter sequence outbox_seq cache 20 | has cache 20 and increment 1; it must have cache 1",
        "alter sequence outbox_seq increment 5 | has cache 1 and increment 5; it must have",
        "alter sequence outbox_seq cycle | and cycles; it must have cache 1, increment 1 and no"
            + " cycle",
        "alter table outbox alter xid set default '3' | the column xid of \"public\".\"outbox\" has"
            + " the default '3'",
        "alter table outbox alter xid drop default | the column xid of \"public\".\"outbox\" has no"
            + " default",
        "alter table outbox alter seq set default nextval('outbox_seq') | the column seq of"
            + " \"public\".\"outbox\" has the default nextval",
      })
  void isRefusedOtherwise(String change, String sentence) throws Exception {
    database.execute(change);

    assertThatThrownBy(this::verify)
        .isInstanceOf(OutboxTable.IncompleteException.class)
        .hasMessageContaining(sentence)
        .hasMessageContaining("Nothing is published until that is corrected");
  }

  private void verify() {
    var settings = database.settings();
    Database.create(vertx, DatabaseConfig.from(Settings.of("test", Map.copyOf(settings))))
        .connect()
        .compose(connection -> OutboxTable.verify(connection, config.names()))
        .await();
  }
}
