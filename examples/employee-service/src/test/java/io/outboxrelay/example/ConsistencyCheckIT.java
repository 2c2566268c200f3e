package io.outboxrelay.example;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.inbox.AggregatePosition;
import io.outboxrelay.inbox.InboxMessage;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The directory's reaction to events in an order that a relay would not deliver, and the check that
 * reports it.
 */
class ConsistencyCheckIT {
  private static final Path SCHEMA = Path.of("src", "main", "resources", "schema.sql");

  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Vertx vertx = Vertx.vertx();
  private final Pool pool =
      PgBuilder.pool()
          .connectingTo(
              PgConnectOptions.fromUri(database.uri()).setPassword(database.server().password()))
          .using(vertx)
          .build();
  private final EmployeeDirectory directory =
      new EmployeeDirectory(pool, new ReadYourWritesWaiters(vertx));
  private final UUID ada = UUID.randomUUID();
  private final List<UUID> events =
      List.of(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());

  @BeforeEach
  void createTables() throws Exception {
    database.execute(Files.readString(SCHEMA));
    directory.install().await(60, SECONDS);
  }

  @AfterEach
  void dropDatabase() {
    vertx.close().await();
    database.close();
  }

  @Test
  void bothSidesAgreeWhereEveryVersionCameOnceAndInOrder() throws Exception {
    employeeAtVersion(2);
    handle(1);
    handle(2);
    handle(1);

    assertThat(entry().getInteger("version")).isEqualTo(2);
    assertThat(entry().getJsonArray("history")).as("no repeat").isEqualTo(JsonArray.of(1, 2));
    assertThat(agreement().getBoolean("agree")).isTrue();
  }

  @Test
  void anOvertakenEventDoesNotBringAnOldVersionBackAndIsCounted() throws Exception {
    employeeAtVersion(2);
    handle(2);
    handle(1);

    assertThat(entry().getInteger("version")).isEqualTo(2);
    assertThat(entry().getJsonArray("history")).isEqualTo(JsonArray.of(2, 1));
    var agreement = agreement();
    assertThat(agreement.getBoolean("agree")).isFalse();
    assertThat(agreement.getLong("differing")).isZero();
    assertThat(agreement.getLong("repeatedOrOvertaken")).isOne();
  }

  @Test
  void aVersionThatIsMissingIsCounted() throws Exception {
    employeeAtVersion(3);
    handle(1);
    handle(3);

    assertThat(agreement().getLong("skipped")).isOne();
    assertThat(agreement().getBoolean("agree")).isFalse();
  }

  @Test
  void anEventUnderWayIsADifference() throws Exception {
    employeeAtVersion(2);
    handle(1);

    var agreement = agreement();
    assertThat(agreement.getBoolean("agree")).isFalse();
    assertThat(agreement.getJsonArray("differences"))
        .isEqualTo(
            JsonArray.of(JsonObject.of("id", ada.toString(), "employee", 2, "directory", 1)));
  }

  private void employeeAtVersion(int version) throws Exception {
    database.execute(
        "insert into employee (id, version, name, department) values ('%s', %d, 'Ada', 'Engines')"
            .formatted(ada, version));
  }

  private void handle(int version) throws TimeoutException {
    var event = new EmployeeEvent(new Employee(ada, version, "Ada", "Engines"), false);
    var place = new AggregatePosition("employee", ada.toString(), version);
    directory
        .handle(List.of(new InboxMessage<>(event, events.get(version - 1), place)))
        .await(60, SECONDS);
  }

  private JsonObject entry() throws TimeoutException {
    return directory.find(ada, 0, 1_000).await(60, SECONDS);
  }

  private JsonObject agreement() throws TimeoutException {
    return new ConsistencyCheck(pool).now().await(60, SECONDS);
  }
}
