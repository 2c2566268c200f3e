package io.outboxrelay.bench;

import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestBroker;
import io.outboxrelay.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/** The services of one benchmark: a database with an outbox, and a broker with a destination. */
final class BenchmarkEnvironment implements AutoCloseable {
  private static final String ROLL_OVER =
      "#{names := #{wal := Wal, segment_writer := Writer}} = ra_system:fetch(quorum_queues),"
          + " ra_log_wal:force_roll_over(Wal),"
          // the call returns after the log was handed to the segment writer
          + " sys:get_status(Wal),"
          + " ra_log_segment_writer:await(Writer).";

  static final String OUTBOX = "outbox";

  /** A table like the outbox, but without a trigger; no relay reads it. */
  static final String PLAIN = "plain";

  final PostgresServer postgres;
  final TestDatabase database;
  final TestBroker broker;
  final Path folder;
  private String destination = "";

  private BenchmarkEnvironment(PostgresServer postgres, TestBroker broker) throws IOException {
    this.postgres = postgres;
    this.database = postgres.createDatabase();
    this.broker = broker;
    this.folder = Files.createTempDirectory("outbox-relay-bench");
    newDestination();
  }

  /** Starts the services and creates an empty outbox. */
  static BenchmarkEnvironment open(String broker, PostgresServer.Builder postgres)
      throws IOException, InterruptedException {
    var stage =
        new BenchmarkEnvironment(
            postgres
                .setting("shared_buffers", "512MB")
                .setting("max_wal_size", "4GB")
                .setting("checkpoint_timeout", "30min")
                .start(),
            broker.equals("kafka") ? KafkaServer.builder().fast().start() : RabbitServer.start());
    new MeasuredRelayProcess(stage).init();
    return stage;
  }

  static BenchmarkEnvironment open(String broker) throws IOException, InterruptedException {
    return open(broker, PostgresServer.builder());
  }

  /** Returns another database, without an outbox, and another destination, of these services. */
  BenchmarkEnvironment beside() throws IOException {
    return new BenchmarkEnvironment(postgres, broker);
  }

  String destination() {
    return destination;
  }

  /**
   * Creates a new destination for the next measurement.
   *
   * <p>After each half gigabyte RabbitMQ moves its log to segments, and for some seconds accepts
   * messages at half the rate. It is made to do so now, because otherwise it would slow only one
   * contender of a comparison.
   */
  void newDestination() {
    if (broker instanceof RabbitServer rabbit) {
      rabbit.control("eval", ROLL_OVER);
    }
    destination = broker.newDestination(Map.of("partitions", 3));
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
    // Done now, because PostgreSQL would otherwise do it later, during a measurement.
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
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row = statement.executeQuery("select count(*) from outbox")) {
      row.next();
      return row.getLong(1);
    }
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
        destination, message -> latencies.arrived(String.valueOf(message.text())));
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
            + " open_window = null, position = null");
  }

  /** Returns a relay configuration for these services. */
  String config() {
    var text =
        new StringBuilder("database:\n  uri: \"")
            .append(database.uri())
            // as on a trusted network; encryption would slow all contenders equally
            .append("?sslmode=disable\"\n  password: \"")
            .append(postgres.password())
            .append("\"\nbroker: ")
            .append(broker.name())
            .append('\n')
            .append(broker.name())
            .append(":\n");
    broker.settings().forEach((key, value) -> text.append("  %s: \"%s\"%n".formatted(key, value)));
    text.append(
        broker.name().equals("kafka")
            ? "  topic: \"" + destination + "\"\n"
            : "  exchange: \"\"\n  routing-key: \"" + destination + "\"\n");
    // any free port, because there may be several relays
    text.append("admin:\n  port: 0\n");
    return text.toString();
  }

  @Override
  public void close() throws Exception {
    broker.close();
    database.close();
    postgres.close();
  }
}
