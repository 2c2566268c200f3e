package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.JavaProcess;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.outboxrelay.testkit.relay.PackagedRelay;
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

  private static final int NO_PORT = 1;

  private static final Path RELAY_JAR = Path.of(System.getProperty("relay.jar"));

  private static final List<String> JVM =
      List.of(
          "-Xmx" + ProcessStats.HEAP_MEBIBYTES + "m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+ExitOnOutOfMemoryError");

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
        options.setup().broker().equals("kafka")
            ? new KafkaChaosBroker(options.setup().relays())
            : new RabbitChaosBroker(options.setup().relays());
    writePassword(PASSWORD);
    this.config = Files.writeString(runLog.folder().resolve("relay.yaml"), text());
    for (int number = 1; number <= options.setup().relays(); number++) {
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

  private Path passwordFile() {
    return runLog.folder().resolve("relay-password");
  }

  /** Gives the relays another password, for their next connections. */
  void writePassword(String password) throws IOException {
    Files.writeString(passwordFile(), password);
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
              uri: "postgresql://relay@127.0.0.1:${CHAOS_DATABASE_PORT}/%1$s?application_name=${CHAOS_RELAY}"
              password-file: "%5$s"
              connect-timeout: 5s
            outbox: { retention: 20s, clean-up-interval: 2s }
            admin: { port: 0 }
            relay: { page-size: %2$d, read-ahead: %3$d, stop-timeout: 10s, yield-after: 3s }
            broker: %4$s
            %4$s:
            """
                .formatted(
                    database.name(), PAGE, READ_AHEAD, options.setup().broker(), passwordFile()));
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
   * Starts a relay.
   *
   * @param name the application name of its database sessions, and the name of its log
   * @param brokerPort the port of the proxy to the broker
   */
  JavaProcess startRelay(String name, int databasePort, int brokerPort) throws IOException {
    return packaged(name, databasePort, brokerPort)
        .process(jvmOptions(options.setup().settings()), List.of())
        .log(log(name))
        .start();
  }

  /**
   * Starts a command of the relay with a direct connection to the database, which network faults do
   * not affect. Its log has the name of the command.
   *
   * @param settings of the relay, as options of Java
   */
  JavaProcess command(List<String> settings, List<String> command) throws IOException {
    var name = command.get(0);
    return forCommands(name).process(commandOptions(settings), command).log(log(name)).start();
  }

  private PackagedRelay forCommands(String name) {
    return packaged(name, postgres.port(), NO_PORT);
  }

  private static List<String> commandOptions(List<String> settings) {
    var options = jvmOptions(List.of(PackagedRelay.settingOption("database.connect-timeout=30s")));
    options.addAll(settings);
    return options;
  }

  private Path log(String name) {
    return runLog.folder().resolve(name + ".log");
  }

  private PackagedRelay packaged(String name, int databasePort, int brokerPort) {
    return new PackagedRelay(
        RELAY_JAR,
        config,
        Map.of(
            "CHAOS_RELAY",
            name,
            "CHAOS_DATABASE_PORT",
            Integer.toString(databasePort),
            "CHAOS_BROKER_PORT",
            Integer.toString(brokerPort)));
  }

  private static List<String> jvmOptions(List<String> settings) {
    var options = new ArrayList<>(JVM);
    // Uses the class archive that the tests of the jar have created, if there is one, because it
    // shortens the start.
    var classes = RELAY_JAR.resolveSibling("outbox-relay.jsa");
    if (Files.exists(classes)) {
      options.add("-XX:SharedArchiveFile=" + classes);
    }
    options.addAll(settings);
    return options;
  }

  private void createTables() throws IOException, InterruptedException, SQLException {
    var settings = new ArrayList<>(options.setup().settings());
    settings.add(PackagedRelay.settingOption("relay.shards=" + options.setup().shards()));
    forCommands("init")
        .run(log("init"), commandOptions(settings), List.of("init", "--grant-to", "app"));
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
