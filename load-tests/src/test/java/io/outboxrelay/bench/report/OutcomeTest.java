package io.outboxrelay.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class OutcomeTest {
  private static final Metric RATE = new Metric("events/s", 0);
  private static final Metric OTHER = new Metric("other", 0);

  private final Outcome outcome = new Outcome("a case", List.of("bare", "relay"));

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

    assertThat(outcome.ratio("relay", RATE)).hasValue(0.9);
    assertThat(outcome.ratio("bare", RATE)).hasValue(1);
  }

  @Test
  void aFigureThatOneSideLacksHasNeitherMedianNorRatio() {
    round(100, 90);

    assertThat(outcome.median("relay", OTHER)).isEqualTo(OptionalDouble.empty());
    assertThat(outcome.ratio("relay", OTHER)).isEqualTo(OptionalDouble.empty());
    assertThat(outcome.ratio("nobody", RATE)).isEqualTo(OptionalDouble.empty());
  }

  @Test
  void nothingIsComparedWithABaselineOfZero() {
    round(0, 90);

    assertThat(outcome.ratio("relay", RATE)).isEqualTo(OptionalDouble.empty());
  }

  private void round(double bare, double relay) {
    outcome.add(
        Map.of("bare", new Figures().with(RATE, bare), "relay", new Figures().with(RATE, relay)));
  }
}
