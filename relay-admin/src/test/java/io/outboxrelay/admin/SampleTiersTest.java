package io.outboxrelay.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.metrics.RelayMetrics;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SampleTiersTest {
  private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");

  private final SampleTiers tiers = new SampleTiers();

  private void add(int from, int until) {
    var none = RelayMetrics.alone().delivery();
    for (int i = from; i < until; i++) {
      var at = BEGIN.plusSeconds(5L * i);
      tiers.add(
          new MetricsSample(at, 5, new EventCounts(10, 10, 0), new Backlog(i % 12, 0), none, 0));
    }
  }

  @Test
  void aDayIsToldInMinutesAndTheLastHourAsItWasMeasured() {
    add(0, 24 * 720);
    var end = BEGIN.plusSeconds(5L * (24 * 720 - 1));

    var hour = tiers.since(end.minus(Duration.ofHours(1)));
    assertThat(hour).hasSize(720).allSatisfy(sample -> assertThat(sample.seconds()).isEqualTo(5));

    var day = tiers.since(BEGIN.minusSeconds(1));
    assertThat(day).hasSizeBetween(720 + 23 * 60 - 1, 720 + 23 * 60 + 1);
    assertThat(day.get(0).seconds()).isEqualTo(60);
    assertThat(day.get(0).rates().confirmed()).isEqualTo(2);
    assertThat(day.get(0).backlog())
        .as("the most of the minute")
        .extracting(Backlog::waiting)
        .isEqualTo(11L);
    assertThat(day).extracting(StoredSample::at).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void memoryIsBounded() {
    add(0, 3 * 24 * 720);
    assertThat(tiers.size()).isLessThanOrEqualTo(721 + 25 * 60 + 1);
  }

  @Test
  void unknownValuesStayUnknownAndNoWaitingEventIsZero() {
    var none = RelayMetrics.alone().delivery();
    tiers.add(new MetricsSample(BEGIN, 5, new EventCounts(0, 0, 0), null, none, 0));
    tiers.add(
        new MetricsSample(
            BEGIN.plusSeconds(5), 5, new EventCounts(0, 0, 0), new Backlog(0, 0), none, 0));

    assertThat(tiers.since(BEGIN.minusSeconds(1)))
        .extracting(sample -> sample.toJson().getDouble("oldestSeconds"))
        .containsExactly(null, 0.0);
  }
}
