package io.outboxrelay.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class CaseResultTest {
  private static final BenchmarkMetric RATE = new BenchmarkMetric("events/s", 0);
  private static final BenchmarkMetric OTHER = new BenchmarkMetric("other", 0);

  private final CaseResult outcome = new CaseResult("a case", List.of("bare", "relay"));

  @Test
  void theMedianOfAnOddNumberOfRoundsIsTheMiddleOne() {
    round(300, 1);
    round(100, 1);
    round(120, 1);

    assertThat(outcome.median("bare", RATE)).hasValue(120);
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
    round(100, 1);
    round(400, 1);
    round(120, 1);
    round(140, 1);

    assertThat(outcome.median("bare", RATE)).hasValue(130);
  }

  @Test
  void theRatioComparesWithinEachRoundSoThatASlowMachineSlowsBoth() {
    round(100, 90);
    round(200, 180);
    round(10, 5);

    assertThat(outcome.compared("relay", RATE)).hasValue(0.9);
    assertThat(outcome.compared("bare", RATE)).hasValue(1);
  }

  @Test
  void aLatencyIsComparedByHowFarItLiesAbove() {
    var latency = BenchmarkMetric.above("p50 ms", 1);
    outcome.add(
        Map.of(
            "bare", new MeasuredFigures().with(latency, 0.5),
            "relay", new MeasuredFigures().with(latency, 2)));

    assertThat(outcome.compared("relay", latency)).hasValue(1.5);
    assertThat(latency.comparison().format(latency, 1.5)).isEqualTo("+1.5");
  }

  @Test
  void aFigureThatOneSideLacksHasNeitherMedianNorRatio() {
    round(100, 90);

    assertThat(outcome.median("relay", OTHER)).isEqualTo(OptionalDouble.empty());
    assertThat(outcome.compared("relay", OTHER)).isEqualTo(OptionalDouble.empty());
    assertThat(outcome.compared("nobody", RATE)).isEqualTo(OptionalDouble.empty());
  }

  @Test
  void nothingIsComparedWithABaselineOfZero() {
    round(0, 90);

    assertThat(outcome.compared("relay", RATE)).isEqualTo(OptionalDouble.empty());
  }

  private void round(double bare, double relay) {
    outcome.add(
        Map.of(
            "bare",
            new MeasuredFigures().with(RATE, bare),
            "relay",
            new MeasuredFigures().with(RATE, relay)));
  }
}
