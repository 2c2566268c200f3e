package io.outboxrelay.check;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.doorbell.WakeupMode;
import io.outboxrelay.outbox.InitRights;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.source.SourceMode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks everything that the relay needs, without publishing and without changing anything.
 *
 * <p>If a problem such as a missing table makes the later checks of the database pointless, those
 * checks are left out. The broker is checked in any case.
 */
public final class CheckRunner {
  private static final String UNREACHABLE =
      "see whether the server runs and takes connections, and whether database.uri is right";

  private final Vertx vertx;
  private final Database database;
  private final RelayConfig relay;
  private final Broker broker;
  private final List<String> applicationRoles;
  private final List<Finding> findings = new ArrayList<>();
  private List<OutboxEvent> samples = List.of();

  private CheckRunner(
      Vertx vertx,
      Database database,
      RelayConfig relay,
      Broker broker,
      List<String> applicationRoles) {
    this.vertx = vertx;
    this.database = database;
    this.relay = relay;
    this.broker = broker;
    this.applicationRoles = List.copyOf(applicationRoles);
  }

  /** Runs all checks except the ones of application roles. */
  public static Future<List<Finding>> examine(
      Vertx vertx, DatabaseConfig config, RelayConfig relay, Broker broker) {
    return examine(vertx, config, relay, broker, List.of());
  }

  /**
   * Completes with all findings in the order of the checks. If a check fails, the failure is a
   * finding.
   *
   * @param applicationRoles the roles that write events, if their privileges are to be checked;
   *     otherwise empty
   */
  public static Future<List<Finding>> examine(
      Vertx vertx,
      DatabaseConfig config,
      RelayConfig relay,
      Broker broker,
      List<String> applicationRoles) {
    var database = Database.create(vertx, config);
    var runner = new CheckRunner(vertx, database, relay, broker, applicationRoles);
    return runner.examine().eventually(database::close);
  }

  private Future<List<Finding>> examine() {
    return database
        .connect()
        .compose(
            connection -> examineDatabase(connection).eventually(connection::close),
            failure -> noted(unreached(database.config(), failure)))
        .compose(done -> broker.check(vertx, samples))
        .compose(this::noted)
        .map(done -> List.copyOf(findings));
  }

  /**
   * Returns the finding for a failed connection. The finding has no remedy if the message of the
   * failure already contains the remedy.
   */
  private static List<Finding> unreached(DatabaseConfig config, Throwable failure) {
    if (failure.getCause() instanceof PgException answer && "42501".equals(answer.getSqlState())) {
      return List.of(
          Finding.problem(
              config.summary() + " says: " + answer.getErrorMessage(),
              "grant connect on database %s to %s"
                  .formatted(
                      OutboxNames.quoted(config.database()), OutboxNames.quoted(config.user()))));
    }
    return List.of(
        Finding.problem(
            String.valueOf(failure.getMessage()),
            failure instanceof DatabaseException.Unreachable ? UNREACHABLE : ""));
  }

  private Future<Void> examineDatabase(PgConnection connection) {
    return inTurn(
            connection, List.of(new ServerCheck(database.config()), new SessionCheck(database)))
        .compose(
            done ->
                sound()
                    ? InitRights.read(connection, outbox().names())
                        .compose(
                            rights -> examineOutbox(connection, rights),
                            failure -> noted(unexamined(failure)))
                    : Future.succeededFuture())
        .compose(done -> sound() ? sample(connection) : Future.succeededFuture());
  }

  private Future<Void> examineOutbox(PgConnection connection, InitRights rights) {
    return inTurn(connection, List.of(new TableCheck(rights)))
        .compose(done -> sound() ? inTurn(connection, details(rights)) : Future.succeededFuture());
  }

  private boolean sound() {
    return findings.stream().noneMatch(found -> found.level() == Finding.Level.PROBLEM);
  }

  private Future<Void> sample(PgConnection connection) {
    return SampleEvents.latest(connection, outbox().names())
        .onSuccess(latest -> samples = latest)
        .compose(latest -> Future.succeededFuture(), failure -> noted(unexamined(failure)));
  }

  private List<DatabaseCheck> details(InitRights rights) {
    var names = outbox().names();
    var details = new ArrayList<DatabaseCheck>();
    details.add(new PrivilegesCheck(rights));
    applicationRoles.forEach(role -> details.add(new ApplicationRole(names, role)));
    details.add(new SchemaVersionCheck(rights));
    details.add(new ColumnsCheck(names));
    details.add(new PersistenceCheck(names));
    details.add(new SequenceCheck(rights));
    details.add(new RowSecurity(names));
    details.add(new ShardsCheck(names, relay.sharding().shards(), relay.configFingerprint(broker)));
    details.add(new AccountCheck(names));
    details.add(new ForeignLocks(names));
    details.add(new PlannerSettingsCheck());
    var log = relay.source().log();
    if (log.mode() != SourceMode.TABLE) {
      details.add(new LogCheck(vertx, database, names, log, relay.sharding().shards()));
    }
    if (relay.source().doorbell().wakeup() == WakeupMode.DOORBELL) {
      details.add(new TriggerCheck(rights, relay.source().doorbell().fallbackInterval()));
      details.add(
          new ListenCheck(vertx, database, names, relay.source().doorbell().pollInterval()));
    }
    return details;
  }

  private OutboxConfig outbox() {
    return relay.outbox();
  }

  private Future<Void> inTurn(PgConnection connection, List<DatabaseCheck> examinations) {
    Future<Void> done = Future.succeededFuture();
    for (var examination : examinations) {
      done =
          done.compose(before -> examination.examine(connection))
              .recover(failure -> Future.succeededFuture(unexamined(failure)))
              .compose(this::noted);
    }
    return done;
  }

  /**
   * Returns the findings for a check that failed. If the failure is a missing privilege (SQLSTATE
   * 42501) and there is a problem already, returns none, because {@link PrivilegesCheck} has
   * reported the missing privilege with its remedy.
   */
  private List<Finding> unexamined(Throwable failure) {
    if (!(failure instanceof PgException answer)) {
      return List.of(Finding.problem(String.valueOf(failure.getMessage()), ""));
    }
    if (!"42501".equals(answer.getSqlState())) {
      return List.of(
          Finding.problem(
              String.valueOf(DatabaseException.of(database.config(), failure).getMessage()), ""));
    }
    return sound()
        ? List.of(
            Finding.problem(
                database.config().summary() + " says: " + answer.getErrorMessage(),
                "have a DBA compare the role's privileges with those that the command init --print"
                    + " --relay-role prints"))
        : List.of();
  }

  private Future<Void> noted(List<Finding> found) {
    findings.addAll(found);
    return Future.succeededFuture();
  }
}
