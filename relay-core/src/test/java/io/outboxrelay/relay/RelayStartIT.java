package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.outboxrelay.failure.RelayException;
import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.testkit.PostgresServer;
import io.vertx.core.Future;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * If the relay cannot work with the setup of the database, it ends with a sentence that says what
 * to do.
 */
class RelayStartIT {
  private RelayBench bench;

  @BeforeEach
  void create() {
    bench = RelayBench.withoutOutbox(PostgresServer.shared());
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void aWrongPassword() {
    bench.with("database.password", "wrong");

    refused("password authentication failed", "check database.uri and database.password");
  }

  @Test
  void aDatabaseThatIsNotThere() {
    bench.with("database.uri", bench.database().uri() + "_nowhere");

    refused("does not exist", "check database.uri");
  }

  @Test
  void aMissingOutbox() {
    refused("the table \"public\".\"outbox\" is not there", "run the command init");
  }

  @Test
  void aMissingColumn() throws SQLException {
    bench.init();
    bench.database().execute("alter table outbox drop headers, drop event_type");

    refused("lacks event_type, headers", "init --print");
  }

  @Test
  void aPayloadOfAnotherType() throws SQLException {
    bench.init();
    bench.database().execute("alter table outbox drop payload, add payload xml");

    refused(
        "the column payload of \"public\".\"outbox\" is of type xml",
        "bytea or json or jsonb or text was expected");
  }

  @Test
  void aMissingTableBesideTheOutbox() throws SQLException {
    bench.init();
    bench.database().execute("drop table outbox_dead_letter");

    refused("outbox_dead_letter", "run init");
  }

  @Test
  void aMissingPrivilege() throws SQLException {
    bench.init();
    for (String missing :
        new String[] {
          "select on outbox",
          "delete on outbox",
          "update on outbox_checkpoint",
          "insert on outbox_dead_letter"
        }) {
      var role = Role.create(bench);
      role.revoke(missing);

      refused(
          "permission denied for table " + missing.substring(missing.indexOf(" on ") + 4),
          "run check to see which privileges are missing");
    }
  }

  @Test
  void aRoleThatMayNotLogIn() throws SQLException {
    bench.init();
    Role.create(bench).banish();

    refused("is not permitted to log in");
  }

  @Test
  void aDatabaseRestoredFromADumpIntoAnotherCluster() throws SQLException {
    bench.init();
    bench
        .database()
        .execute(
            "update outbox_checkpoint set settled = '900000000:900000000:', fence = '900000001'");

    refused("it looks restored from a dump into another cluster", "run the command rebase");
  }

  @Test
  void eventsFromTheFutureOfTheDatabase() throws SQLException {
    bench.init();
    bench.commit("a-1", 1);
    bench.database().execute("update outbox set xid = '900000000'");

    refused("it looks restored from a dump into another cluster", "run the command rebase");
  }

  @Test
  void aBrokerThatRefusesTheRelay() throws SQLException {
    bench.init();
    var relay = bench.relay(new RefusingBroker());

    var refusal = refusal(relay.start());

    assertThat(refusal.origin()).isEqualTo(RelayException.Cause.BROKER);
    assertThat(refusal).hasMessage("the broker says: access refused");
  }

  @Test
  void aStopBeforeItHasStarted() {
    bench.with("database.uri", "postgresql://nobody@127.0.0.1:1/nothing");
    bench.broker().kill();
    var relay = bench.relay();
    var starting = relay.start();

    done(relay.stop());

    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
    assertThatThrownBy(() -> starting.await(1, SECONDS)).hasMessageContaining("before");
    done(relay.ended());
  }

  /** Verifies that the relay ends with this sentence, at its start or at its first look. */
  private void refused(String... sentence) {
    var relay = bench.relay();

    var refusal = refusal(relay.start().compose(started -> relay.ended()));

    assertThat(refusal.origin()).isEqualTo(RelayException.Cause.DATABASE);
    assertThat(refusal.getMessage()).contains(sentence);
  }

  private static RelayException refusal(Future<?> future) {
    return catchThrowableOfType(
        RelayException.class, () -> future.await(PATIENCE.toSeconds(), SECONDS));
  }

  /** The role has only the grants that {@code init} makes. */
  @Test
  void aRoleWithNothingButTheRelaysGrantsIsEnough() throws SQLException {
    bench.init();
    Role.create(bench);
    bench.with("outbox.retention", "0s").with("outbox.clean-up-interval", "50ms");
    bench.leading();

    bench.commit("a-1", 1, 2);

    bench.awaitArrivals(2);
    assertThat(new OutboxSchema(OutboxConfig.from(bench.settings())).grantsForRelay("x"))
        .doesNotContain("insert on \"public\".\"outbox\" ");
  }
}
