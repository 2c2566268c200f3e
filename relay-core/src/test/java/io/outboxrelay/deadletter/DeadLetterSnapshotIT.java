package io.outboxrelay.deadletter;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A new owner of a shard reads a few dead letters at once, and looks up many of them page by page.
 */
class DeadLetterSnapshotIT {
  private static final OutboxNames NAMES = new OutboxNames("public", "outbox");

  private final Vertx vertx = Vertx.vertx();
  private final PostgresServer server = PostgresServer.shared();
  private final TestDatabase database = server.createDatabase();
  private final Settings settings = Settings.of("test", database.settings());

  private PgConnection connection;

  @BeforeEach
  void create() throws SQLException, TimeoutException {
    database.execute(new OutboxSchema(OutboxConfig.from(settings)).script());
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type)
          select 'order', 'a-' || n, n::text from generate_series(1, 6) n;
        insert into outbox_dead_letter (seq, aggregate_id, event_type, state, reason, redelivery)
          values (1, 'a-1', '1', 'parked', 'r', null), (2, 'a-2', '2', 'parked', 'r', 'requested'),
                 (3, 'a-3', '3', 'parked', 'r', 'done'), (4, 'a-4', '4', 'skipped', 'r', null);
        """);
    connection = done(Database.create(vertx, DatabaseConfig.from(settings)).connect());
  }

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(20, SECONDS);
    database.close();
  }

  @Test
  void aFewAreReadAtTheBeginning() throws Exception {
    var snapshot = read(4);

    assertThat(snapshot.lookup()).isNull();
    assertThat(snapshot.parked()).containsExactlyInAnyOrder("a-1", "a-2");
    assertThat(snapshot.known()).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
  }

  @Test
  void manyAreLookedUpForEachPage() throws Exception {
    var snapshot = read(1);
    assertThat(snapshot.parked()).isEmpty();
    assertThat(snapshot.isAny()).isTrue();

    done(snapshot.lookUp(events(1, 3, 4)));
    assertThat(snapshot.parked()).containsExactly("a-1");
    assertThat(snapshot.known()).containsExactlyInAnyOrder(1L, 3L, 4L);

    done(snapshot.lookUp(events(2, 5, 6)));
    assertThat(snapshot.parked()).containsExactlyInAnyOrder("a-1", "a-2");
    assertThat(snapshot.knows(2)).isTrue();
    assertThat(snapshot.knows(5)).isFalse();
  }

  /** The rows of the look-up may be older than the change. */
  @Test
  void anAggregateThatComesBackDuringALookUpIsNotParkedByIt() throws Exception {
    var snapshot = read(1);

    var lookUp = snapshot.lookUp(events(1, 2));
    snapshot.unpark("a-1");
    done(lookUp);
    assertThat(snapshot.parked()).containsExactly("a-2");

    snapshot.parked().add("a-1");
    snapshot.unpark("a-1");
    assertThat(snapshot.isParked("a-1")).isFalse();
  }

  private DeadLetterSnapshot read(int most) throws TimeoutException {
    return done(DeadLetterSnapshot.read(connection, NAMES, ShardKey.all(), most));
  }

  private static List<OutboxEvent> events(long... seqs) {
    return LongStream.of(seqs).mapToObj(seq -> Events.event(seq, "a-" + seq)).toList();
  }

  private static <T> T done(Future<T> future) throws TimeoutException {
    return future.await(20, SECONDS);
  }
}
