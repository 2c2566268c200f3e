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
 * <p>If {@code -Drelay.source=auto} is given, they read the write-ahead log, and a test begins once
 * they do; {@link ReadingTheLog} has the tests of a class do so. With {@code
 * -Drelay.log.slot=permanent} they read it from slots that outlive them.
 *
 * <p>The relays sleep on the bell alone: the fallback comes once an hour, so a wake-up that is
 * missed shows.
 */
final class RelayBench extends RelayEnvironment {
  /** The system property for the source from which the relays read. */
  static final String SOURCE = "relay.source";

  /** The system property for the kind of slot from which they read it. */
  private static final String SLOT = "relay.log.slot";

  /** The tests also pass with several relays: {@code -Dshards=6 -Drelays=3}. */
  private static final int COMPANIONS = Integer.getInteger("relays", 1) - 1;

  /** A relay that cannot read the table to its end, as its broker is away, never reads the log. */
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

  /** With an outbox, on the server that all tests share. */
  static RelayBench create() throws SQLException {
    return on(PostgresServer.shared());
  }

  /** As above, with an outbox that is divided into shards. */
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

  /** A setting of the relays that are made from now on. */
  RelayBench with(String key, Object value) {
    set(key, value);
    return this;
  }

  /** As above, without a setting. */
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

  /** A relay that is not started; stopped after the test. */
  Relay relay() {
    return relay(brokerConfig());
  }

  Relay relay(Broker to) {
    var relay = Relay.create(vertx(), DatabaseConfig.from(settings()), relayConfig(), to);
    relays.add(relay);
    return relay;
  }

  /** Of tests that look into the one relay or checkpoint that there is, or change it by hand. */
  static void assumeOneRelay() {
    assumeTrue(COMPANIONS == 0, "there are several, each with shards of its own");
  }

  /** Of tests that watch how the table is looked at, which is not done while the log is read. */
  static void assumeTable() {
    assumeTrue(!wantsLog(), "the log is read, and the table is not looked at");
  }

  /** Of tests that change rows while no relay runs; a permanent slot has them as they were. */
  static void assumeNoPermanentSlot() {
    assumeTrue(
        !System.getProperty(SLOT, "temporary").equals("permanent"),
        "the slot has the rows as they were written");
  }

  private static boolean wantsLog() {
    return !System.getProperty(SOURCE, "table").equals("table");
  }

  /** A relay that leads or stands by; the first one has as many others beside it as are wanted. */
  Relay started() {
    for (int i = relays.size(); i < COMPANIONS; i++) {
      done(relay().start());
    }
    var relay = relay();
    done(relay.start());
    return relay;
  }

  /** A relay that leads. */
  Relay leading() {
    var relay = started();
    awaitState(relay, RelayState.LEADING);
    awaitLogIfWanted();
    return relay;
  }

  /** How often relays of any test were seen to read the log. */
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
      // The test goes on with the table, as its relay would.
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

  /** Commits one event of each of {@code versions}, in one transaction. */
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

  /** Where all events go, unless told otherwise. */
  String destination() {
    return destination;
  }

  List<ReceivedMessage> arrived() {
    return broker().messages(destination);
  }

  /** The versions of each aggregate in the order in which they arrived. */
  Map<String, List<Integer>> versions() {
    return versions(arrived());
  }

  /** As above without repeats, as a consumer sees it that drops them. */
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

  /** Waits until all that writers committed has arrived, in order; repeats are allowed. */
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

  /** Ends the connections of relays with such a row in {@code pg_stat_activity}. */
  int terminate(String condition) throws SQLException {
    return Integer.parseInt(
        query(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                + " where datname = current_database() and application_name = 'outbox-relay' and "
                + condition));
  }

  /** How many connections relays have. */
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

  /** Waits until so many messages have arrived, repeats included. */
  void awaitArrivals(int count) {
    await().atMost(PATIENCE).until(() -> arrived().size() >= count);
  }

  /** As above, but gives up if no writer is left, because then so many may never arrive. */
  void awaitArrivals(int count, HostileWriters writers) {
    await().atMost(PATIENCE).until(() -> arrived().size() >= count || !writers.isRunning());
  }

  /** Stops all, as if there had been none; the next one has as many others beside it again. */
  @Override
  protected void stopAll() {
    done(Future.join(relays.stream().map(Relay::stop).toList()));
    relays.clear();
  }

  /** Fails as soon as one of the relays cannot go on. */
  Future<Void> ended() {
    return Future.all(relays.stream().map(Relay::ended).toList()).mapEmpty();
  }

  /** How many shards have a relay that leads them. */
  int led() {
    return relays.stream().mapToInt(relay -> relay.shards().size()).sum();
  }

  /** Waits until each shard has. */
  void awaitAllLed() {
    await().atMost(PATIENCE).until(() -> led() == relayConfig().sharding().shards());
    awaitLogIfWanted();
  }

  /** Waits until one has not, of those that all had. */
  void awaitOneNotLed() {
    await().atMost(PATIENCE).until(() -> led() < relayConfig().sharding().shards());
  }

  /** A database with a slot cannot be dropped, and the server ends a slot some moments later. */
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
