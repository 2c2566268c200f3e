package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.MemoryPublisherProvider;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The environment in which the tests of {@link Relay} start relays.
 *
 * <p>If {@code -Drelay.source=auto} is given, the relays read the write-ahead log, and a test
 * begins once they do; {@link ReadingTheLog} sets it for a test class. If {@code
 * -Drelay.log.slot=permanent} is given, they use permanent replication slots.
 *
 * <p>The fallback interval is an hour, so a relay that sleeps is woken by the doorbell only, and a
 * missed ring fails the test.
 */
final class RelayBench extends RelayEnvironment {
  /** The system property for the source from which the relays read. */
  static final String SOURCE = "relay.source";

  /** The system property for the kind of replication slot. */
  private static final String SLOT = "relay.log.slot";

  /**
   * The number of relays that are started beside the first one. The tests also pass with several
   * relays: {@code -Dshards=6 -Drelays=3}.
   */
  private static final int COMPANIONS = Integer.getInteger("relays", 1) - 1;

  /**
   * Bounds the wait for the log, because a relay that cannot read the table to its end, for example
   * because its broker is unavailable, never changes to the log.
   */
  private static final Duration LOG_READ_WITHIN = Duration.ofSeconds(3);

  private static final AtomicInteger LOGS_READ = new AtomicInteger();

  private final String destination = broker().newDestination();
  private final List<Relay> relays = new ArrayList<>();

  private RelayBench(PostgresServer server) {
    super(server);
    set("relay.partitions", 2);
    set("relay.shards", Integer.getInteger("shards", 1));
    set("relay.source", System.getProperty(SOURCE, "table"));
    set("relay.log.slot", System.getProperty(SLOT, "temporary"));
    set("relay.fallback-interval", "1h");
    set("relay.retry.max-delay", "200ms");
    withBroker("destination", destination);
  }

  /** Creates an environment with an outbox, on the server that all tests share. */
  static RelayBench create() throws SQLException {
    return on(PostgresServer.shared());
  }

  /** Creates an environment with an outbox of {@code shards} shards. */
  static RelayBench create(int shards) throws SQLException {
    var bench = withoutOutbox(PostgresServer.shared()).with("relay.shards", shards);
    bench.init();
    return bench;
  }

  static RelayBench on(PostgresServer server) throws SQLException {
    var bench = withoutOutbox(server);
    bench.init();
    return bench;
  }

  static RelayBench withoutOutbox(PostgresServer server) {
    return new RelayBench(server);
  }

  /** Changes a setting of the relays that are created from now on. */
  RelayBench with(String key, Object value) {
    set(key, value);
    return this;
  }

  /** Removes a setting of the relays that are created from now on. */
  RelayBench without(String key) {
    unset(key);
    return this;
  }

  RelayBench withBroker(String key, Object value) {
    set(BROKER + "." + key, value);
    return this;
  }

  RelayConfig relayConfig() {
    return RelayConfig.from(settings());
  }

  Broker brokerConfig() {
    return new MemoryPublisherProvider().configure(settings().section(BROKER));
  }

  /** Creates a relay without starting it; it is stopped after the test. */
  Relay relay() {
    return relay(brokerConfig());
  }

  Relay relay(Broker to) {
    var relay = Relay.create(vertx(), DatabaseConfig.from(settings()), relayConfig(), to);
    relays.add(relay);
    return relay;
  }

  /**
   * Skips a test that reads or changes the state of a single relay or checkpoint if there are
   * several.
   */
  static void assumeOneRelay() {
    assumeTrue(COMPANIONS == 0, "there are several, each with shards of its own");
  }

  /** Skips a test of how the table is read if the relays read the log. */
  static void assumeTable() {
    assumeTrue(!wantsLog(), "the log is read, and the table is not looked at");
  }

  /**
   * Skips a test that changes rows while no relay runs if the slot is permanent, because the slot
   * then has the rows as they were written.
   */
  static void assumeNoPermanentSlot() {
    assumeTrue(
        !System.getProperty(SLOT, "temporary").equals("permanent"),
        "the slot has the rows as they were written");
  }

  private static boolean wantsLog() {
    return !System.getProperty(SOURCE, "table").equals("table");
  }

  /**
   * Starts a relay and returns it once it leads or stands by; before the first one, starts its
   * companions.
   */
  Relay started() {
    for (int i = relays.size(); i < COMPANIONS; i++) {
      done(relay().start());
    }
    var relay = relay();
    done(relay.start());
    return relay;
  }

  /** Starts a relay and returns it once it leads. */
  Relay leading() {
    var relay = started();
    awaitState(relay, RelayState.LEADING);
    awaitLogIfWanted();
    return relay;
  }

  /** Returns how often relays of any test were observed to read the log. */
  static int logsRead() {
    return LOGS_READ.get();
  }

  private void awaitLogIfWanted() {
    if (!wantsLog()) {
      return;
    }
    try {
      await().atMost(LOG_READ_WITHIN).until(this::areReadingTheLog);
      LOGS_READ.incrementAndGet();
    } catch (ConditionTimeoutException e) {
      // The test continues although its relays read the table.
    }
  }

  private boolean areReadingTheLog() {
    return led() > 0
        && relays.stream()
            .allMatch(
                relay ->
                    relay.shards().stream()
                        .allMatch(shard -> relay.health().shard(shard).source().isLog()));
  }

  /** Waits for the state; fails at once, with the relay's reason, if the relay gives up instead. */
  static void awaitState(Relay relay, RelayState state) {
    await().atMost(PATIENCE).until(() -> isIn(state, relay));
  }

  private static boolean isIn(RelayState state, Relay relay) {
    if (relay.state() == state) {
      return true;
    }
    if (relay.ended().failed()) {
      throw new AssertionError("the relay gave up before it was " + state, relay.ended().cause());
    }
    return false;
  }

  /** Returns the value of a series of metrics; -1 if there is no such series. */
  static double value(Relay relay, String series) {
    return relay
        .metrics()
        .scrape()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .findFirst()
        .map(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .orElse(-1.0);
  }

  /** Commits an event for each of {@code versions}, all in one transaction. */
  void commit(String aggregate, int... versions) throws SQLException {
    var sql = new StringBuilder("begin;");
    for (int version : versions) {
      sql.append(insert(aggregate, version)).append(';');
    }
    database().execute(sql.append("commit").toString());
  }

  /** Commits many events at once, each of an aggregate of its own. */
  void commitMany(int count, int payloadBytes) throws SQLException {
    database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
                + " select 'order', 'o-' || n, '1', to_jsonb(repeat('x', "
                + payloadBytes
                + ")) from generate_series(1, "
                + count
                + ") n");
  }

  /** Returns the destination of all events, unless the test configures another one. */
  String destination() {
    return destination;
  }

  List<ReceivedMessage> arrived() {
    return broker().messages(destination);
  }

  /** Returns the versions of each aggregate in the order in which they arrived. */
  Map<String, List<Integer>> versions() {
    return versions(arrived());
  }

  /** Returns the versions of each aggregate in the order in which they first arrived. */
  Map<String, List<Integer>> firstVersions() {
    var seen = new HashSet<String>();
    return versions(
        arrived().stream()
            .filter(message -> seen.add(message.headers().get(MessageHeaders.EVENT_ID)))
            .toList());
  }

  static Map<String, List<Integer>> versions(List<ReceivedMessage> messages) {
    return messages.stream()
        .collect(
            groupingBy(
                message -> message.headers().get(MessageHeaders.AGGREGATE_ID),
                mapping(
                    message -> Integer.parseInt(message.headers().get(MessageHeaders.EVENT_TYPE)),
                    toList())));
  }

  /**
   * Waits until all events that writers have committed have arrived, in order; repeats are allowed.
   */
  void awaitAll(Map<String, Integer> committed) {
    await().atMost(PATIENCE).until(() -> distinct() >= HostileWriters.total(committed));
    assertThat(firstVersions()).isEqualTo(HostileWriters.upTo(committed));
  }

  private long distinct() {
    return arrived().stream()
        .map(message -> message.headers().get(MessageHeaders.EVENT_ID))
        .distinct()
        .count();
  }

  /**
   * Terminates the connections of relays for which {@code pg_stat_activity} meets {@code
   * condition}.
   */
  int terminate(String condition) throws SQLException {
    return Integer.parseInt(
        query(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                + " where datname = current_database() and application_name = 'outbox-relay' and "
                + condition));
  }

  /** Returns the number of connections of all relays. */
  int connections() throws SQLException {
    return Integer.parseInt(
        query(
            "select count(*) from pg_stat_activity"
                + " where datname = current_database() and application_name = 'outbox-relay'"));
  }

  /**
   * Returns the number of connections of idle relays. Each shard has three, for reading, control
   * and the listener, and two of its warm standby; each relay has one for the membership, unless
   * there is only one shard.
   */
  int connectionsAtRest() {
    int shards = relayConfig().sharding().shards();
    return shards == 1 ? 3 : shards * (3 + 2) + relays.size();
  }

  /** Waits until {@code count} messages have arrived, repeats included. */
  void awaitArrivals(int count) {
    await().atMost(PATIENCE).until(() -> arrived().size() >= count);
  }

  /**
   * Waits until {@code count} messages have arrived, or no writer runs any more, because then that
   * many may never arrive.
   */
  void awaitArrivals(int count, HostileWriters writers) {
    await().atMost(PATIENCE).until(() -> arrived().size() >= count || !writers.isRunning());
  }

  /** Stops and forgets all relays; companions are started again before the next one. */
  @Override
  protected void stopAll() {
    done(Future.join(relays.stream().map(Relay::stop).toList()));
    relays.clear();
  }

  /** Fails as soon as one of the relays cannot continue. */
  Future<Void> ended() {
    return Future.all(relays.stream().map(Relay::ended).toList()).mapEmpty();
  }

  /** Returns the number of shards that a relay leads. */
  int led() {
    return relays.stream().mapToInt(relay -> relay.shards().size()).sum();
  }

  /** Waits until a relay leads each shard. */
  void awaitAllLed() {
    await().atMost(PATIENCE).until(() -> led() == relayConfig().sharding().shards());
    awaitLogIfWanted();
  }

  /** Waits until a shard has no leader; call it while all have one. */
  void awaitOneNotLed() {
    await().atMost(PATIENCE).until(() -> led() < relayConfig().sharding().shards());
  }

  /**
   * Drops permanent slots and waits until the server has dropped temporary ones, because a database
   * with a slot cannot be dropped.
   */
  private void awaitNoSlot() {
    if (!settings().text("relay.source", "table").equals("table")) {
      String drop =
          """
          select count(case when active or temporary then 1 end),
                 count(case when not active and not temporary
                            then pg_drop_replication_slot(slot_name) end)
          from pg_replication_slots where database = current_database()
          """;
      await().atMost(PATIENCE).ignoreExceptions().until(() -> query(drop).equals("0"));
    }
  }

  @Override
  public void close() {
    stopAll();
    awaitNoSlot();
    super.close();
  }
}
