package io.outboxrelay.metrics;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.OutboxEvent;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RelayMetricsTest {
  private final RelayMetrics metrics = RelayMetrics.alone();

  @Test
  void partitionsAndShardsAddUpByDestination() {
    for (int shard = 0; shard < 2; shard++) {
      for (int partition = 0; partition < 3; partition++) {
        var traffic = metrics.traffic(shard, partition, OutboxEvent::aggregateType, true);
        pass(traffic, Events.event(1, "a"));
      }
    }
    String type = Events.event(1, "a").aggregateType();
    assertThat(line("outbox_events_confirmed_total{destination=\"" + type + "\"}"))
        .endsWith(" 6.0");
    assertThat(metrics.attempted()).isEqualTo(6);
    assertThat(line("outbox_events_in_flight")).endsWith(" 0.0");
    assertThat(metrics.delivery().count()).as("no clock to compare with").isZero();
  }

  @Test
  void anEventThatIsHandedOverAgainIsARetry() {
    var traffic = metrics.traffic(0, 0, event -> "t", false);
    var event = Events.event(1, "a");
    var counts = traffic.leaves(event, null);
    traffic.leaves(event, counts);

    assertThat(line("outbox_events_retried_total{destination=\"t\"}")).endsWith(" 1.0");
    assertThat(line("outbox_events_attempted_total{destination=\"t\"}")).endsWith(" 2.0");
    assertThat(line("outbox_events_published_total{destination=\"t\"}")).endsWith(" 0.0");
  }

  @Test
  void eventsInFlightAreThoseOfTheRelaysState() {
    metrics.health().partition(0, 1).leaves(System.nanoTime());
    assertThat(line("outbox_events_in_flight")).endsWith(" 1.0");
    metrics.health().partition(0, 1).forgets();
    assertThat(line("outbox_events_in_flight")).endsWith(" 0.0");
  }

  @Test
  void aDestinationForEachAggregateIsNotATimeSeriesForEach() {
    var traffic = metrics.traffic(0, 0, OutboxEvent::aggregateId, false);
    IntStream.range(0, 1_000).forEach(i -> pass(traffic, Events.event(i, "a-" + i)));

    assertThat(
            metrics
                .registry()
                .scrape()
                .lines()
                .filter(line -> line.startsWith("outbox_events_confirmed_total")))
        .hasSize(DestinationMetrics.MOST + 1);
    assertThat(line("outbox_events_confirmed_total{destination=\"other\"}")).endsWith(" 900.0");
    assertThat(metrics.confirmed()).isEqualTo(1_000);
  }

  @Test
  void destinationsBeyondTheBoundMakeNothingNew() {
    Set<DestinationCounts> objects = Collections.newSetFromMap(new IdentityHashMap<>());
    passThroughThree(0, DestinationMetrics.MOST + 1, objects);
    int meterCount = metrics.registry().getMeters().size();
    int objectCount = objects.size();
    assertThat(objectCount).isEqualTo(3 * (DestinationMetrics.MOST + 1));

    passThroughThree(DestinationMetrics.MOST + 1, 20_000, objects);
    assertThat(objects.size()).isEqualTo(objectCount);
    assertThat(metrics.registry().getMeters()).hasSize(meterCount);
    assertThat(metrics.confirmed()).isEqualTo(60_000);
    assertThat(line("outbox_events_confirmed_total{destination=\"other\"}"))
        .endsWith(" " + 3 * (20_000.0 - DestinationMetrics.MOST));
  }

  /** If a destination has a name of its own in one partition, it has it in every partition. */
  private void passThroughThree(int from, int to, Set<DestinationCounts> objects) {
    for (int partition = 0; partition < 3; partition++) {
      var traffic = metrics.traffic(0, partition, OutboxEvent::aggregateId, false);
      for (int i = from; i < to; i++) {
        objects.add(pass(traffic, Events.event(i, "a-" + i)));
      }
    }
  }

  @Test
  void metricsOfALeaderExistOnlyWhileItLeads() {
    var shard = metrics.shard(0);
    assertThat(scrape()).contains("outbox_shard_leading").doesNotContain("outbox_events_waiting");

    var state = metrics.health().shard(0);
    state.leads(new ShardHealth.LeaderState(() -> 2, () -> Map.of("t", "full"), Map::of));
    shard.leads(7);
    shard.counted(new BacklogGauges(5, false, 1.5, 1, 3));
    assertThat(line("outbox_shard_epoch{shard=\"0\"}")).endsWith(" 7.0");
    assertThat(line("outbox_oldest_waiting_seconds{shard=\"0\"}")).endsWith(" 1.5");
    assertThat(line("outbox_parked_aggregates{shard=\"0\"}")).endsWith(" 2.0");

    state.ends();
    shard.ends();
    assertThat(scrape()).doesNotContain("outbox_events_waiting", "outbox_parked_aggregates");
    assertThat(line("outbox_shard_leading{shard=\"0\"}")).endsWith(" 0.0");
  }

  @Test
  void aShardThatIsNoMoreIsGone() {
    metrics.shard(0);
    metrics.shard(1);
    metrics.onlyShards(1);
    assertThat(scrape()).contains("shard=\"0\"").doesNotContain("shard=\"1\"");
  }

  @Test
  void timeWithoutRoomIsCountedWhileItLasts() {
    var shard = metrics.shard(0);
    shard.full(true);
    shard.tick();
    double first = value("outbox_read_ahead_full_seconds_total{shard=\"0\"}");
    shard.tick();
    double second = value("outbox_read_ahead_full_seconds_total{shard=\"0\"}");
    shard.full(false);
    double end = value("outbox_read_ahead_full_seconds_total{shard=\"0\"}");
    shard.tick();

    assertThat(first).isPositive().isLessThan(second);
    assertThat(second).isLessThan(end);
    assertThat(value("outbox_read_ahead_full_seconds_total{shard=\"0\"}")).isEqualTo(end);
  }

  @Test
  void latenciesAreHistogramsThatPrometheusReads() {
    metrics.clock().sample(System.nanoTime(), System.nanoTime(), nowMicros());
    pass(metrics.traffic(0, 0, event -> "t", false), Events.event(1, "a"));

    assertThat(scrape())
        .contains("# TYPE outbox_publish_latency_seconds histogram")
        .contains("outbox_publish_latency_seconds_bucket{le=\"+Inf\"} 1")
        .contains("outbox_delivery_latency_seconds_count 1");
  }

  @Test
  void aReplayIsStalledFromWhenItIsOpenToWhenItGetsOn() {
    var replays = metrics.replays();
    assertThat(scrape()).doesNotContain("outbox_replays_active");
    replays.counted(0);
    replays.advanced();
    assertThat(value("outbox_replay_stalled_seconds")).as("none is open").isZero();

    replays.counted(2);
    double first = value("outbox_replay_stalled_seconds");
    replays.counted(1);
    double second = value("outbox_replay_stalled_seconds");
    long before = System.nanoTime();
    replays.advanced();
    double third = value("outbox_replay_stalled_seconds");
    double most = (System.nanoTime() - before) / 1e9;

    assertThat(first).isPositive().isLessThan(second);
    assertThat(third).isPositive().isLessThanOrEqualTo(most);
    replays.ends();
    replays.advanced();
    assertThat(scrape()).doesNotContain("outbox_replay_stalled_seconds");
  }

  private static long nowMicros() {
    return System.currentTimeMillis() * 1000;
  }

  private static DestinationCounts pass(PartitionMetrics traffic, OutboxEvent event) {
    var counts = traffic.leaves(event, null);
    traffic.confirmed(event, counts, System.nanoTime(), System.nanoTime());
    return counts;
  }

  private String scrape() {
    return metrics.registry().scrape();
  }

  private String line(String start) {
    return scrape().lines().filter(line -> line.startsWith(start)).collect(joining("\n"));
  }

  private double value(String start) {
    return Double.parseDouble(line(start).substring(start.length() + 1));
  }
}
