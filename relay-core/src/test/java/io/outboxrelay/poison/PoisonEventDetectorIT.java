package io.outboxrelay.poison;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Processes that crash are counted; a process that only loses its connection is not. */
class PoisonEventDetectorIT {
  private static final OutboxNames NAMES = new OutboxNames("public", "outbox");
  private static final PoisonEventDetector.Limits LIMITS =
      new PoisonEventDetector.Limits(0, 3, 100);
  private static final long EVENT = 7;

  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private PgConnection connection;

  @BeforeEach
  void create() throws Exception {
    var settings = Settings.of("test", database.settings());
    database.execute(new OutboxSchema(OutboxConfig.from(settings)).script());
    connection = done(Database.create(vertx, DatabaseConfig.from(settings)).connect());
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(20, SECONDS);
    database.close();
  }

  @Test
  void anEventThatIsInFlightAtEachCrashIsNotPublishedAnyMore() throws Exception {
    for (int life = 1; life <= 3; life++) {
      var detector = begin("process " + life);
      assertThat(detector.objection(EVENT)).isEmpty();
      done(detector.note(EVENT));
    }

    var detector = begin("process 4");
    assertThat(detector.isOneByOne()).isTrue();
    assertThat(detector.objection(EVENT)).contains("3 times");
  }

  @Test
  void connectionsThatAreLostAgainAndAgainAccuseNoEvent() throws Exception {
    var detector = begin("a");
    for (int flip = 0; flip < 6; flip++) {
      String loser = flip % 2 == 0 ? "a" : "b";
      done(detector.note(EVENT));
      detector = begin(flip % 2 == 0 ? "b" : "a");
      assertThat(detector.isOneByOne()).isFalse();
      done(PoisonEventDetector.survived(connection, NAMES, 0, loser));
    }

    assertThat(detector.objection(EVENT)).isEmpty();
  }

  @Test
  void aCrashIsTakenBackOnlyOnceAndOnlyByTheProcessThatWasCounted() throws Exception {
    done(begin("a").note(EVENT));
    done(begin("b").note(EVENT));
    done(PoisonEventDetector.survived(connection, NAMES, 0, "c"));
    done(begin("c").note(EVENT));
    done(PoisonEventDetector.survived(connection, NAMES, 0, "b"));
    done(PoisonEventDetector.survived(connection, NAMES, 0, "b"));

    var rows =
        done(
            connection
                .query(
                    "select crashes, suspect_crashes from public.outbox_crash_guard where shard ="
                        + " 0")
                .execute());
    var row = rows.iterator().next();
    assertThat(row.getInteger(0)).isOne();
    assertThat(row.getInteger(1)).isOne();
  }

  private PoisonEventDetector begin(String process) throws Exception {
    return done(
        CrashHistory.begin(connection, NAMES, LIMITS.shard(), process)
            .map(
                history ->
                    new PoisonEventDetector(vertx, connection, NAMES, LIMITS, history, () -> {})));
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.await(20, SECONDS);
  }
}
