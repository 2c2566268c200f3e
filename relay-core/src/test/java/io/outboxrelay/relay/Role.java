package io.outboxrelay.relay;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/** A database role with nothing but the relay's grants. */
final class Role {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final RelayBench bench;
  private final String name;

  private Role(RelayBench bench, String name) {
    this.bench = bench;
    this.name = name;
  }

  /** Creates a role and uses it for the relays that are created from now on. */
  static Role create(RelayBench bench) throws SQLException {
    String name = bench.database().name() + "_relay_" + COUNT.incrementAndGet();
    var server = bench.database().server();
    bench.database().execute("create role " + name + " login password 'secret'");
    bench
        .database()
        .execute(new OutboxSchema(OutboxConfig.from(bench.settings())).grantsForRelay(name));
    bench.with(
        "database.uri",
        bench.database().uri().replace("//" + server.user() + "@", "//" + name + "@"));
    bench.with("database.password", "secret");
    return new Role(bench, name);
  }

  String name() {
    return name;
  }

  /** Revokes one privilege, such as {@code select on outbox}. */
  void revoke(String privilege) throws SQLException {
    bench.database().execute("revoke " + privilege + " from " + name);
  }

  void grant(String privilege) throws SQLException {
    bench.database().execute("grant " + privilege + " to " + name);
  }

  /** Limits the number of the role's connections. */
  void limit(int connections) throws SQLException {
    bench.database().execute("alter role " + name + " connection limit " + connections);
  }

  /**
   * Ends the connections of this role and allows no further ones, as if its process had been
   * killed.
   */
  void banish() throws SQLException {
    bench.database().execute("alter role " + name + " nologin");
    bench.terminate("usename = '" + name + "'");
  }
}
