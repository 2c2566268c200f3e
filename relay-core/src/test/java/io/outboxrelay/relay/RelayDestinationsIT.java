package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.publish.MessageHeaders;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A destination that accepts nothing holds up only its own events, however long it does so, and
 * receives them in order once it accepts events again.
 */
class RelayDestinationsIT extends WithRelayBench {
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private String good;
  private String bad;

  @BeforeEach
  void configure() {
    good = bench.broker().newDestination();
    bad = bench.broker().newDestination();
    bench
        .withBroker("destination", "${aggregate_type}")
        .with("relay.page-size", 50)
        .with("relay.read-ahead", 100)
        .with("relay.defer-after", "300ms");
    bench
        .broker()
        .fail(message -> failing.contains(message.headers().get(MessageHeaders.AGGREGATE_TYPE)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipelined", "one-at-a-time"})
  void othersFlowForLongerThanTheReadAhead(String ordering) throws SQLException {
    failing.add(bad);
    bench.withBroker("ordering", ordering).leading();

    commit(1, 10);
    await().atMost(PATIENCE).until(() -> arrived(good) == 10 * 20);
    commit(11, 60);
    await().atMost(PATIENCE).until(() -> arrived(good) == 60 * 20);
    assertThat(arrived(bad)).isZero();
    assertThat(deadLetters("attempts > 0 or tried_at is not null")).as("attempts").isZero();
    failing.clear();

    await().atMost(PATIENCE).until(() -> arrived(bad) == 60 * 20);
    commit(61, 70);
    awaitAll(70);
    awaitNothingWaits();
    assertThat(bench.query("select count(*) from outbox_dead_letter where redelivery is null"))
        .isEqualTo("0");
  }

  /**
   * The whole read-ahead goes to the failing destination, so none of its events can be confirmed.
   */
  @ParameterizedTest
  @ValueSource(strings = {"pipelined", "one-at-a-time"})
  void othersFlowBehindABurst(String ordering) throws SQLException {
    bench.withBroker("ordering", ordering);
    failing.add(bad);
    burst(1, 1_000);
    commit(1, 10);
    burst(1_001, 1_500);
    bench.leading();

    await().atMost(PATIENCE).until(() -> arrived(good) == 10 * 20);
    assertThat(arrived(bad)).isZero();
    failing.clear();

    awaitBurstAndAll(10);
  }

  /** The next relay begins before the burst, without the breakers of the former one. */
  @Test
  void othersFlowBehindABurstAfterARestart() throws Exception {
    failing.add(bad);
    burst(1, 100);
    var relay = bench.with("relay.stop-timeout", "100ms").leading();
    await().atMost(PATIENCE).until(() -> bench.broker().waiting() == 0);
    done(relay.stop());
    burst(101, 1_000);
    commit(1, 1);
    bench.leading();

    await().atMost(PATIENCE).until(() -> arrived(good) == 20);
    failing.clear();
    await().atMost(PATIENCE).until(() -> arrived(bad) == 1_000 + 20);
    awaitNothingWaits();
  }

  /**
   * No events of another destination wait behind these, so nothing would be gained by deferring
   * them.
   */
  @Test
  void anOutageOfTheOnlyDestinationSetsNothingAside() throws SQLException {
    failing.add(bad);
    burst(1, 1_000);
    bench.started();

    await()
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> arrived(bad) == 0 && deadLetters("true") == 0);

    failing.clear();
    await().atMost(PATIENCE).until(() -> arrived(bad) == 1_000);
    assertThat(deadLetters("true")).isZero();
  }

  /** The probe defers no more events than precede the first event of another destination. */
  @Test
  void anOutageOfEverythingIsFoundOut() throws SQLException {
    failing.addAll(Set.of(good, bad));
    burst(1, 500);
    commit(1, 5);
    burst(501, 1_500);
    bench.started();

    await().atMost(PATIENCE).until(() -> deadLetters("true") > 0);
    await()
        .during(Duration.ofMillis(500))
        .atMost(PATIENCE)
        .until(() -> deadLetters("destination = '" + good + "'") == 0);
    assertThat(deadLetters("true")).as("of the burst and what is read ahead").isLessThan(1_000);
    failing.clear();

    awaitBurstAndAll(5);
  }

  /**
   * A full queue with a slow consumer accepts an event now and then; other destinations must not
   * wait for it.
   */
  @Test
  void othersFlowWhereItTakesOneNowAndThen() throws SQLException {
    var room = new Room(Duration.ofMillis(100));
    bench
        .broker()
        .fail(
            message ->
                failing.contains(message.headers().get(MessageHeaders.AGGREGATE_TYPE))
                    && !room.isThere());
    failing.add(bad);
    bench.leading();

    commit(1, 60);
    await().atMost(PATIENCE).until(() -> arrived(good) == 60 * 20);

    int meanwhile = arrived(bad);
    assertThat(meanwhile).isLessThan(60 * 20);
    await().atMost(PATIENCE).until(() -> arrived(bad) > meanwhile + 20);
    failing.clear();
    awaitAll(60);
    awaitNothingWaits();
  }

  /** The free places of a queue: one more at each interval; unused places remain. */
  private static final class Room {
    private final Duration pace;
    private final long start = System.nanoTime();
    private int taken;

    Room(Duration pace) {
      this.pace = pace;
    }

    synchronized boolean isThere() {
      boolean isThere = (System.nanoTime() - start) / pace.toNanos() > taken;
      taken += isThere ? 1 : 0;
      return isThere;
    }
  }

  @Test
  void eventsThatWereSetAsideOutliveTheRelay() throws Exception {
    failing.add(bad);
    var relay = bench.leading();
    commit(1, 20);
    await().atMost(PATIENCE).until(() -> arrived(good) == 20 * 20);
    // One of several shards may have events for this destination only, so no other event waits
    // behind it.
    int setAside = bench.relayConfig().sharding().shards() == 1 ? 20 * 20 : 1;
    await().atMost(PATIENCE).until(() -> deadLetters("destination = '" + bad + "'") >= setAside);
    done(relay.stop());

    bench.leading();
    commit(21, 40);
    await().atMost(PATIENCE).until(() -> arrived(good) == 40 * 20);
    assertThat(arrived(bad)).isZero();
    failing.clear();

    awaitAll(40);
    awaitNothingWaits();
  }

  /**
   * All later events of an aggregate, for either destination, wait behind its first deferred event.
   */
  @Test
  void anAggregateWithEventsForBothKeepsItsOrder() throws SQLException {
    failing.add(bad);
    bench.leading();
    insert("mixed", good, 1);
    insert("mixed", bad, 2);
    insert("mixed", good, 3);
    commit(1, 10);
    await().atMost(PATIENCE).until(() -> deadLetters("aggregate_id = 'mixed'") == 2);
    assertThat(arrived(good, "mixed")).containsExactly(1);
    failing.clear();

    await().atMost(PATIENCE).until(() -> arrived(good, "mixed").equals(List.of(1, 3)));
    assertThat(arrived(bad, "mixed")).containsExactly(2);
  }

  @Test
  void anOutageOfEverythingSetsNothingAside() throws SQLException {
    bench.leading();
    commit(1, 1);
    awaitAll(1);
    failing.addAll(Set.of(good, bad));

    commit(2, 5);
    await()
        .pollDelay(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> bench.broker().waiting() == 0);

    assertThat(deadLetters("true")).isZero();
    failing.clear();
    awaitAll(5);
    assertThat(deadLetters("attempts > 0")).isZero();
  }

  /** Commits versions of twenty aggregates for each of the two destinations. */
  private void commit(int from, int to) throws SQLException {
    bench
        .database()
        .execute(
            """
            insert into outbox (aggregate_type, aggregate_id, event_type)
            select type, left(md5(type), 4) || '-' || aggregate, version
            from generate_series(%d, %d) version, generate_series(1, 20) aggregate,
                 (values ('%s'), ('%s')) types (type)
            order by version, aggregate
            """
                .formatted(from, to, good, bad));
  }

  /** Commits events of fifty aggregates, all for the destination that fails. */
  private void burst(int from, int to) throws SQLException {
    bench
        .database()
        .execute(
            """
            insert into outbox (aggregate_type, aggregate_id, event_type)
            select '%s', 'burst-' || n %% 50, (n - 1) / 50 + 1 from generate_series(%d, %d) n
            """
                .formatted(bad, from, to));
  }

  private void insert(String aggregate, String type, int version) throws SQLException {
    bench
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type) values ('%s', '%s', '%d')"
                .formatted(type, aggregate, version));
  }

  private int arrived(String destination) {
    return bench.broker().messages(destination).size();
  }

  private List<Integer> arrived(String destination, String aggregate) {
    return RelayBench.versions(bench.broker().messages(destination))
        .getOrDefault(aggregate, List.of());
  }

  /**
   * Waits for a burst of 1,500 events, and for that many versions of each aggregate at both
   * destinations.
   */
  private void awaitBurstAndAll(int versions) {
    await().atMost(PATIENCE).until(() -> arrived(bad) == 1_500 + versions * 20);
    awaitAll(good, versions);
    awaitNothingWaits();
    assertThat(arrived(bad, "burst-7")).isEqualTo(IntStream.rangeClosed(1, 30).boxed().toList());
  }

  private void awaitAll(int versions) {
    awaitAll(good, versions);
    awaitAll(bad, versions);
  }

  private void awaitAll(String destination, int versions) {
    var all = IntStream.rangeClosed(1, versions).boxed().toList();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(RelayBench.versions(bench.broker().messages(destination)))
                    .hasSize(20)
                    .allSatisfy((aggregate, seen) -> assertThat(seen).isEqualTo(all)));
  }

  private void awaitNothingWaits() {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                deadLetters("redelivery is null or redelivery in ('requested', 'in_progress')")
                    == 0);
  }

  private int deadLetters(String condition) throws SQLException {
    return Integer.parseInt(
        bench.query("select count(*) from outbox_dead_letter where " + condition));
  }
}
