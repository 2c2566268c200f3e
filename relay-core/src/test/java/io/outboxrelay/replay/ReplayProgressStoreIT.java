package io.outboxrelay.replay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only the owner of shard 0 can change the progress of a replay, and only forward. */
class ReplayProgressStoreIT {

  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Settings settings = Settings.of("test", database.settings());
  private final OutboxNames names = OutboxConfig.from(settings).names();
  private PgConnection connection;

  @BeforeEach
  void ask() throws Exception {
    database.execute(new OutboxSchema(OutboxConfig.from(settings)).script());
    database.execute(
        "insert into outbox_replays (rate, seen, first, top, position, matched, requested_by)"
            + " values (10, '1:1:', 0, 100, 0, 100, 'somebody')");
    connection = done(Database.create(vertx, DatabaseConfig.from(settings)).connect());
  }

  @AfterEach
  void close() throws TimeoutException {
    done(vertx.close());
    database.close();
  }

  @Test
  void aFormerOwnerChangesNothing() throws Exception {
    own(1);
    var former = progress(1);
    assertThat(done(former.takeUp(connection, 1, true))).isPresent();
    assertThat(done(former.note(connection, 1, upTo(10)))).isPresent();

    own(2);

    assertThat(done(former.note(connection, 1, upTo(20)))).isEmpty();
    assertThat(done(former.end(connection, 1, ReplayState.DONE, null))).isFalse();
    assertThat(done(former.takeUp(connection, 1, true))).isEmpty();
    var owner = progress(2);
    assertThat(done(owner.takeUp(connection, 1, true)))
        .get()
        .returns(ReplayState.RUNNING, Replay::state)
        .returns(10L, replay -> replay.progress().position())
        .returns(2, replay -> replay.execution().starts());
    assertThat(done(owner.note(connection, 1, upTo(20)))).isPresent();
    assertThat(done(owner.note(connection, 1, upTo(15)))).as("backwards").isEmpty();
  }

  @Test
  void onlyEventsSentBeforeItWasCancelledAreRecorded() throws Exception {
    own(1);
    var progress = progress(1);
    assertThat(done(progress.open(connection))).containsExactly(1L);
    done(progress.takeUp(connection, 1, true));
    database.execute("update outbox_replays set state = 'cancelled'");

    assertThat(done(progress.note(connection, 1, upTo(10))))
        .get()
        .returns(ReplayState.CANCELLED, Replay::state)
        .returns(7L, replay -> replay.progress().published());

    assertThat(done(progress.end(connection, 1, ReplayState.DONE, null))).isFalse();
    assertThat(done(progress.open(connection))).isEmpty();
    assertThat(done(progress.takeUp(connection, 1, true))).isEmpty();
  }

  private static ReplayProgressStore.Step upTo(long position) {
    return new ReplayProgressStore.Step(
        new ReplayBatch(List.of(), new LeftOutEvents(1, 2), position), 7, 0, null);
  }

  private ReplayProgressStore progress(long epoch) {
    return new ReplayProgressStore(names, "owner of epoch " + epoch, epoch, PATIENCE);
  }

  private void own(long epoch) throws SQLException {
    database.execute("update outbox_checkpoint set epoch = " + epoch);
  }

  private static <T> T done(Future<T> future) throws TimeoutException {
    return future.await(PATIENCE.toSeconds(), SECONDS);
  }
}
