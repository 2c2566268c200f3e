package io.outboxrelay.bench;

import io.outboxrelay.testkit.BrokerType;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestBroker;
import io.outboxrelay.testkit.TestDatabase;
import io.outboxrelay.testkit.relay.PackagedRelay;
import io.outboxrelay.testkit.relay.RelayConfigFile;
import io.outboxrelay.testkit.relay.RelayServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** The services of one benchmark: a database with an outbox, and a broker with a destination. */
final class BenchmarkEnvironment implements AutoCloseable {
  private static final String ROLL_OVER =
      "#{names := #{wal := Wal, segment_writer := Writer}} = ra_system:fetch(quorum_queues),"
          + " ra_log_wal:force_roll_over(Wal),"
          // the call returns once the segment writer has the log
          + " sys:get_status(Wal),"
          + " ra_log_segment_writer:await(Writer).";

  static final String OUTBOX = "outbox";

  /** A table like the outbox, but without a trigger; no relay reads it. */
  static final String PLAIN = "plain";

  final PostgresServer postgres;
  final TestDatabase database;
  final TestBroker broker;
  final Path folder;
  private RelayServers servers;
  private String routingKey = "";

  private BenchmarkEnvironment(RelayServers servers) throws IOException {
    this.servers = servers;
    this.postgres = servers.postgres();
    this.database = servers.database();
    this.broker = servers.broker();
    this.folder = Files.createTempDirectory("outbox-relay-bench");
  }

  /** Starts the services and creates an empty outbox. */
  static BenchmarkEnvironment open(String broker, PostgresServer.Builder postgres)
      throws IOException, InterruptedException {
    postgres
        .setting("shared_buffers", "512MB")
        .setting("max_wal_size", "4GB")
        .setting("checkpoint_timeout", "30min");
    var type =
        BrokerType.named(broker)
            .orElseThrow(
                () -> new IllegalArgumentException(broker + " is neither kafka nor rabbitmq"));
    var stage = new BenchmarkEnvironment(RelayServers.start(postgres::start, type::startFast));
    new MeasuredRelayProcess(stage).init();
    return stage;
  }

  static BenchmarkEnvironment open(String broker) throws IOException, InterruptedException {
    return open(broker, PostgresServer.builder());
  }

  /** Like {@link #open}, with a database that counts the statements of all its sessions. */
  static BenchmarkEnvironment openCounting(String broker)
      throws IOException, InterruptedException, SQLException {
    var counting =
        PostgresServer.builder()
            .setting("shared_preload_libraries", "pg_stat_statements")
            .setting("pg_stat_statements.track_utility", "on");
    var stage = open(broker, counting);
    stage.database.execute("create extension pg_stat_statements");
    return stage;
  }

  /** Returns another database, without an outbox, and another destination, of these services. */
  BenchmarkEnvironment beside() throws IOException {
    return new BenchmarkEnvironment(
        new RelayServers(postgres, postgres.createDatabase(), broker, broker.newDestination()));
  }

  String destination() {
    return servers.destination();
  }

  /**
   * Creates a new destination for the next measurement.
   *
   * <p>After each half gigabyte RabbitMQ moves its log to segments, and for some seconds accepts
   * messages at half the rate. This method makes it do so now, because otherwise it would slow only
   * one contender of a comparison.
   */
  void newDestination() {
    if (broker instanceof RabbitServer rabbit) {
      rabbit.control("eval", ROLL_OVER);
    }
    servers = servers.withDestination(broker.newDestination());
    if (broker instanceof RabbitServer rabbit && !routingKey.isEmpty()) {
      rabbit.createTopicExchange(exchange());
      rabbit.bind(destination(), exchange(), "#");
    }
  }

  /**
   * Routes the events of the following measurements by a template of routing keys, through an
   * exchange that leads all of them to the destination. For RabbitMQ only.
   */
  void routeBy(String template) {
    routingKey = template;
  }

  private String exchange() {
    return destination() + "-in";
  }

  /** Returns the origin of the services by kind, for the report. */
  Map<String, String> services() {
    return Map.of("database", postgres.origin(), "broker", broker.origin());
  }

  /**
   * Replaces the content of the outbox by {@code events} events of {@code bytes} of payload, spread
   * over {@code aggregates} aggregates.
   */
  void fill(int events, int aggregates, int bytes) throws SQLException {
    database.execute("truncate outbox");
    add(events, aggregates, bytes);
    // Vacuums now, because PostgreSQL would otherwise do so later, during a measurement.
    database.execute("vacuum (analyze) outbox");
    database.execute("checkpoint");
  }

  /** Adds events in one transaction. */
  void add(int events, int aggregates, int bytes) throws SQLException {
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
            + " select 'order', 'order-' || (g %% %d), 'changed',".formatted(aggregates)
            + " jsonb_build_object('text', repeat('x', %d)) from generate_series(1, %d) g"
                .formatted(Math.max(1, bytes - 13), events));
  }

  /** Gives the events {@code count} types, in turn. */
  void spreadOverTypes(int count) throws SQLException {
    database.execute("update outbox set event_type = 'type-' || seq % " + count);
    database.execute("vacuum (full, analyze) outbox");
    database.execute("checkpoint");
  }

  /** Moves half of the events to one aggregate. */
  void heat() throws SQLException {
    database.execute("update outbox set aggregate_id = 'hot' where seq % 2 = 0");
    database.execute("vacuum (full, analyze) outbox");
    database.execute("checkpoint");
  }

  /** Creates {@link #PLAIN}. */
  void createPlain() throws SQLException {
    database.execute("create table plain (like outbox including all)");
  }

  /** Returns the number of events in the outbox. */
  long events() throws SQLException {
    return database.number("select count(*) from outbox");
  }

  /**
   * Returns when a relay that was started publishes. With RabbitMQ no consumer may run meanwhile,
   * because the messages are counted in the queue.
   */
  void awaitRelay() throws Exception {
    try (var arrivals = DeliveredCounter.at(this)) {
      long before = arrivals.count();
      add(1, 1, 256);
      arrivals.await(before + 1);
    }
  }

  /** Consumes the messages of the destination, and measures their latency. */
  TestBroker.Subscription consume(BenchmarkLatencies latencies) {
    return broker.subscribe(
        servers.destination(), message -> latencies.arrived(String.valueOf(message.text())));
  }

  /** Replaces all dead letters by {@code count} parked aggregates with one dead letter each. */
  void park(int count) throws SQLException {
    database.execute("truncate outbox_dead_letter");
    database.execute(
        "insert into outbox_dead_letter (seq, id, aggregate_type, aggregate_id, event_type, state,"
            + " reason, attempts, tried_at) select -g, gen_random_uuid(), 'order', 'parked-' || g,"
            + " 'changed', 'parked', 'refused', 1,"
            + " now() from generate_series(1, %d) g".formatted(count));
    database.execute("analyze outbox_dead_letter");
  }

  /** Resets the checkpoint, so that all events are published again. */
  void rewind() throws SQLException {
    database.execute(
        "update outbox_checkpoint set settled = '1:1:', top = 0, floor = 0, fence = '0',"
            + " open_window = null, position = null; truncate outbox_account, outbox_difference");
  }

  /** Writes a relay configuration for these services, and returns the relay with it. */
  PackagedRelay relay(Path jar) throws IOException {
    return RelayConfigFile.write(
            folder.resolve("relay.yaml"),
            servers,
            // as on a trusted network; encryption would slow all contenders equally
            database.uri() + "?sslmode=disable",
            // any free port, because there may be several relays
            "admin:\n  port: 0\n")
        .relay(jar);
  }

  /** Returns the settings of the relay that {@link #routeBy} needs; none without it. */
  List<String> routeSettings() {
    return routingKey.isEmpty()
        ? List.of()
        : List.of("rabbitmq.exchange=" + exchange(), "rabbitmq.routing-key=" + routingKey);
  }

  @Override
  public void close() {
    servers.close();
  }
}
