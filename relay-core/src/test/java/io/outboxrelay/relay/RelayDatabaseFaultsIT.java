package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;

import io.outboxrelay.leadership.RelayState;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * For a while the database is reachable, but refuses what the relay needs or does not answer.
 * Afterwards everything is delivered, in order.
 */
class RelayDatabaseFaultsIT {
  private RelayBench bench;

  @BeforeEach
  void create() throws SQLException {
    bench = RelayBench.create().with("relay.answer-timeout", "500ms");
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private Relay deliverFirst() throws SQLException {
    var relay = bench.leading();
    bench.awaitAllLed();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);
    return relay;
  }

  /** Commits one more event and awaits all; the events confirmed last may be repeated. */
  private void deliverLast(Relay relay) throws SQLException {
    bench.commit("a-1", 3);
    bench.awaitAll(Map.of("a-1", 3));
    awaitState(relay, RelayState.LEADING);
  }

  private void execute(String sql) throws SQLException {
    bench.database().execute(sql);
  }

  private void inWholeDatabase(String setting) throws SQLException {
    execute("alter database " + bench.database().name() + " " + setting);
    bench.terminate("true");
  }

  @Test
  void itIsReadOnly() throws SQLException {
    var relay = deliverFirst();
    bench.commit("a-1", 2);
    inWholeDatabase("set default_transaction_read_only = on");
    awaitState(relay, RelayState.STANDBY);

    execute(
        "begin read write; alter database "
            + bench.database().name()
            + " reset default_transaction_read_only; commit");
    bench.terminate("true");

    deliverLast(relay);
  }

  @Test
  void aPrivilegeIsTakenAway() throws SQLException {
    var role = Role.create(bench);
    var relay = deliverFirst();
    role.revoke("select on outbox");
    bench.commit("a-1", 2);
    bench.awaitOneNotLed();

    role.grant("select on outbox");

    deliverLast(relay);
  }

  /** Row-level security omits rows without an error, so the relay would miss their events. */
  @Test
  void rowLevelSecurityWouldHideEvents() throws SQLException {
    Role.create(bench);
    var relay = deliverFirst();
    execute(
        "alter table outbox enable row level security;"
            + " create policy part on outbox for select using (aggregate_id like 'z%')");
    bench.commit("a-1", 2);
    bench.awaitOneNotLed();

    execute("alter table outbox disable row level security");

    deliverLast(relay);
  }

  @Test
  void theTableIsAway() throws SQLException {
    var relay = deliverFirst();
    execute("alter table outbox rename to outbox_away");
    execute(RelayBench.insert("a-1", 2).replace("into outbox ", "into outbox_away "));
    bench.awaitOneNotLed();

    execute("alter table outbox_away rename to outbox");

    deliverLast(relay);
  }

  @Test
  void theCheckpointIsLocked() throws SQLException {
    var relay = deliverFirst();
    try (var locker = bench.database().connect();
        var statement = locker.createStatement()) {
      locker.setAutoCommit(false);
      statement.execute("lock table outbox_checkpoint in access exclusive mode");
      bench.commit("a-1", 2);
      bench.awaitOneNotLed();
      locker.rollback();
    }

    deliverLast(relay);
  }
}
