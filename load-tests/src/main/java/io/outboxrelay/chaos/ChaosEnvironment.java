package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The servers, proxies, tables and relays of a run. */
final class ChaosEnvironment implements AutoCloseable {
  static final String PASSWORD = "chaos-secret";

  /** Small pages and read-ahead keep the bound on repeats small. */
  static final int PAGE = 200;

  static final int READ_AHEAD = 1_000;

  private final ChaosOptions options;
  private final RunLog runLog;
  private final ChaosBroker brokerSide;
  private final PostgresServer postgres = PostgresServer.start();
  private final TestDatabase database = postgres.createDatabase();
  private final TestDatabase elsewhere = postgres.createDatabase();
  private final List<FaultProxy> databaseProxies = new ArrayList<>();
  private final List<SupervisedRelay> instances = new ArrayList<>();
  private final Path config;

  /** Starts the servers and proxies and creates the tables; the relays are not started. */
  ChaosEnvironment(ChaosOptions options, RunLog runLog) throws Exception {
    this.options = options;
    this.runLog = runLog;
    this.brokerSide =
        options.broker().equals("kafka")
            ? new KafkaChaosBroker(options.relays())
            : new RabbitChaosBroker(options.relays());
    this.config = Files.writeString(runLog.folder().resolve("relay.yaml"), text());
    for (int number = 1; number <= options.relays(); number++) {
      var proxy = FaultProxy.to(postgres.host(), postgres.port());
      databaseProxies.add(proxy);
      instances.add(new SupervisedRelay(number, this, proxy, brokerSide.proxy(number)));
    }
    runLog.say(postgres.origin() + "; " + brokerSide.broker().origin());
    createRoles();
    createTables();
  }

  ChaosOptions options() {
    return options;
  }

  RunLog runLog() {
    return runLog;
  }

  ChaosBroker brokerSide() {
    return brokerSide;
  }

  PostgresServer postgres() {
    return postgres;
  }

  TestDatabase database() {
    return database;
  }

  /**
   * Returns another database of the server, from which a fault can change or end the sessions of
   * the first.
   */
  TestDatabase elsewhere() {
    return elsewhere;
  }

  List<SupervisedRelay> instances() {
    return instances;
  }

  Path config() {
    return config;
  }

  /** Returns the relays that a fault targets. */
  List<SupervisedRelay> instances(int relay) {
    return relay == PlannedFault.EVERY ? instances : List.of(instances.get(relay - 1));
  }

  /**
   * Returns the relay that the checkpoint names as owner of the first shard; another may be about
   * to take over.
   */
  Optional<SupervisedRelay> leader() throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var owner =
            statement.executeQuery(
                "select split_part(owner, '@', 1) from outbox_checkpoint order by shard limit 1")) {
      String pid = owner.next() ? owner.getString(1) : null;
      return instances.stream().filter(relay -> Long.toString(relay.pid()).equals(pid)).findAny();
    }
  }

  /** Connects as the application, which may insert events but neither change nor delete them. */
  Connection connectAsApplication() throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", "app");
    properties.setProperty("password", PASSWORD);
    properties.setProperty("loginTimeout", "10");
    properties.setProperty("socketTimeout", "60");
    properties.setProperty("options", "-c lock_timeout=15s");
    return database.connect(properties);
  }

  private String text() {
    var text =
        new StringBuilder(
            """
            database:
              uri: "postgresql://relay@127.0.0.1:${CHAOS_DATABASE_PORT}/%s?application_name=${CHAOS_RELAY}"
              password: "${CHAOS_PASSWORD}"
              connect-timeout: 5s
            outbox: { retention: 20s, clean-up-interval: 2s }
            admin: { port: 0 }
            relay: { page-size: %d, read-ahead: %d, stop-timeout: 10s }
            broker: %s
            %4$s:
            """
                .formatted(database.name(), PAGE, READ_AHEAD, options.broker()));
    brokerSide
        .settings()
        .forEach((key, value) -> text.append("  %s: '%s'%n".formatted(key, value)));
    return text.toString();
  }

  private void createRoles() throws SQLException {
    database.execute(
        """
        create role relay login password '%1$s';
        create role app login password '%1$s';
        grant create on database %2$s to relay;
        grant create, usage on schema public to relay;
        """
            .formatted(PASSWORD, database.name()));
  }

  /**
   * Starts a command of the relay with a direct connection to the database, which network faults do
   * not affect.
   */
  ChaosRelayProcess command(String name, List<String> arguments) throws IOException {
    var words = new ArrayList<>(List.of("-Doutbox-relay.database.connect-timeout=30s"));
    words.addAll(arguments);
    return ChaosRelayProcess.start(
        config,
        Map.of(
            "CHAOS_RELAY",
            name,
            "CHAOS_DATABASE_PORT",
            Integer.toString(postgres.port()),
            "CHAOS_BROKER_PORT",
            "1",
            "CHAOS_PASSWORD",
            PASSWORD),
        runLog.folder().resolve(name + ".log"),
        words);
  }

  private void createTables() throws IOException, InterruptedException, SQLException {
    var arguments = new ArrayList<>(options.relaySettings());
    arguments.add("-Doutbox-relay.relay.shards=" + options.shards());
    arguments.addAll(List.of("init", "--grant-to", "app"));
    var init = command("init", arguments);
    if (init.ended() != 0) {
      throw new IOException("init failed, see " + runLog.folder().resolve("init.log"));
    }
    database.execute(ChaosWriters.TABLES);
  }

  @Override
  public void close() {
    instances.forEach(SupervisedRelay::close);
    databaseProxies.forEach(FaultProxy::close);
    brokerSide.close();
    postgres.close();
  }
}
