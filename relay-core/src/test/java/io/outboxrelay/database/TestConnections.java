package io.outboxrelay.database;

import static io.outboxrelay.testkit.TestTimeout.done;

import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;

/** Opens connections to a test's database, with the options of a relay. */
public final class TestConnections {
  private TestConnections() {}

  /** Opens a connection; the caller closes it. */
  public static PgConnection open(Vertx vertx, TestDatabase database) {
    return done(PgConnection.connect(vertx, config(database).toConnectOptions()));
  }

  /** Returns the configuration of a relay that connects to this database. */
  public static DatabaseConfig config(TestDatabase database) {
    return DatabaseConfig.from(Settings.of("test", database.settings()));
  }
}
