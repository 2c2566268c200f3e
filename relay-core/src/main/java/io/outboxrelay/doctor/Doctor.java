package io.outboxrelay.doctor;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.doorbell.Wakeup;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.relay.RelayConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import java.util.ArrayList;
import java.util.List;

/**
 * Examines everything the relay needs, without publishing and without changing anything.
 *
 * <p>What makes the rest of the database pointless to look at, such as a missing table, ends its
 * part; the broker is examined in any case.
 */
public final class Doctor {
  private static final String UNREACHABLE =
      "see whether the server runs and takes connections, and whether database.uri is right";

  private final Vertx vertx;
  private final Database database;
  private final RelayConfig relay;
  private final Broker broker;
  private final List<Finding> findings = new ArrayList<>();
  private List<OutboxEvent> samples = List.of();

  private Doctor(Vertx vertx, Database database, RelayConfig relay, Broker broker) {
    this.vertx = vertx;
    this.database = database;
    this.relay = relay;
    this.broker = broker;
  }

  /** Everything that was seen, in the order it was looked at; what is wrong is a finding. */
  public static Future<List<Finding>> examine(
      Vertx vertx, DatabaseConfig config, RelayConfig relay, Broker broker) {
    var database = Database.create(vertx, config);
    var doctor = new Doctor(vertx, database, relay, broker);
    return doctor.examine().eventually(database::close);
  }

  private Future<List<Finding>> examine() {
    return database
        .connect()
        .compose(
            connection -> examineDatabase(connection).eventually(connection::close),
            failure -> noted(unreached(failure)))
        .compose(done -> broker.check(vertx, samples))
        .compose(this::noted)
        .map(done -> List.copyOf(findings));
  }

  /** Where the login or TLS is to blame the failure says itself what to mend. */
  private static List<Finding> unreached(Throwable failure) {
    return List.of(
        Finding.problem(
            String.valueOf(failure.getMessage()),
            failure instanceof DatabaseException.Unreachable ? UNREACHABLE : ""));
  }

  private Future<Void> examineDatabase(PgConnection connection) {
    return inTurn(connection, List.of(new Server(database.config()), new Session(database)))
        .compose(
            done ->
                sound()
                    ? inTurn(connection, List.of(new Table(outbox())))
                    : Future.succeededFuture())
        .compose(done -> sound() ? inTurn(connection, details()) : Future.succeededFuture())
        .compose(done -> sound() ? sample(connection) : Future.succeededFuture());
  }

  private boolean sound() {
    return findings.stream().noneMatch(found -> found.level() == Finding.Level.PROBLEM);
  }

  private Future<Void> sample(PgConnection connection) {
    return Samples.latest(connection, outbox().names())
        .onSuccess(latest -> samples = latest)
        .compose(latest -> Future.succeededFuture(), failure -> noted(unexamined(failure)));
  }

  private List<Examination> details() {
    var names = outbox().names();
    var details = new ArrayList<Examination>();
    details.add(new SchemaVersion(names));
    details.add(new Columns(names));
    details.add(new Sequence(names));
    details.add(new Privileges(names));
    details.add(new Shards(names, relay.shards(), relay.conduct(broker)));
    details.add(new Planner());
    if (relay.doorbell().wakeup() == Wakeup.DOORBELL) {
      details.add(new Trigger(outbox(), relay.doorbell().fallbackInterval()));
      details.add(new Hearing(vertx, database, names, relay.doorbell().pollInterval()));
    }
    return details;
  }

  private OutboxConfig outbox() {
    return relay.outbox();
  }

  private Future<Void> inTurn(PgConnection connection, List<Examination> examinations) {
    Future<Void> done = Future.succeededFuture();
    for (var examination : examinations) {
      done =
          done.compose(before -> examination.examine(connection))
              .recover(failure -> Future.succeededFuture(unexamined(failure)))
              .compose(this::noted);
    }
    return done;
  }

  private List<Finding> unexamined(Throwable failure) {
    var seen =
        failure instanceof PgException ? DatabaseException.of(database.config(), failure) : failure;
    return List.of(Finding.problem(String.valueOf(seen.getMessage()), ""));
  }

  private Future<Void> noted(List<Finding> found) {
    findings.addAll(found);
    return Future.succeededFuture();
  }
}
