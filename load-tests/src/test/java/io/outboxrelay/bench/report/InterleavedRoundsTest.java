package io.outboxrelay.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterleavedRoundsTest {
  private static final BenchmarkMetric RATE = new BenchmarkMetric("events/s", 0);

  private final List<String> measured = new ArrayList<>();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final MarkdownTable table =
      new MarkdownTable(new PrintStream(printed, true, StandardCharsets.UTF_8), List.of(RATE));

  @Test
  void sidesTakeTurnsAndTheOrderIsTheOppositeInEverySecondRound() throws Exception {
    new InterleavedRounds(3).of("a case", table, List.of(side("bare", 2000), side("relay", 1500)));

    assertThat(measured).containsExactly("bare", "relay", "relay", "bare", "bare", "relay");
  }

  @Test
  void theTableShowsEachMeasurementThenMediansAndRatio() throws Exception {
    var outcome =
        new InterleavedRounds(2)
            .of("a case", table, List.of(side("bare", 2000), side("relay", 1500)));

    assertThat(outcome.median("relay", RATE)).hasValue(1500);
    assertThat(
            printed
                .toString(StandardCharsets.UTF_8)
                .lines()
                .map(InterleavedRoundsTest::singleSpaced))
        .containsSubsequence(
            "a case",
            "round events/s",
            "1 bare 2,000",
            "1 relay 1,500",
            "2 relay 1,500",
            "2 bare 2,000",
            "median bare 2,000",
            "median relay 1,500",
            "compared relay 75 %");
  }

  @Test
  void noRoundsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InterleavedRounds(0))
        .withMessageContaining("--rounds=0");
  }

  private static String singleSpaced(String line) {
    return line.strip().replaceAll(" +", " ");
  }

  private Contender side(String name, double rate) {
    return new Contender(
        name,
        () -> {
          measured.add(name);
          return new MeasuredFigures().with(RATE, rate);
        });
  }
}
