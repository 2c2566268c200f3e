package io.outboxrelay.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InstantFormatterTest {
  private final InstantFormatter times = new InstantFormatter();

  static Stream<Instant> edges() {
    return Stream.of(
        Instant.EPOCH,
        Instant.parse("2026-03-01T00:00:00.000001Z"),
        Instant.parse("2026-03-01T00:00:00.100Z"),
        Instant.parse("2026-03-01T00:00:00.000000007Z"),
        Instant.parse("1969-12-31T23:59:59.999999Z"),
        Instant.parse("-0044-03-15T12:00:00.5Z"),
        Instant.parse("+12026-01-01T00:00:00.020Z"));
  }

  @ParameterizedTest
  @MethodSource("edges")
  void writesWhatTheLibraryWrites(Instant time) {
    assertThat(times.of(time)).isEqualTo(time.toString());
  }

  @Test
  void writesTheTimesOfSeveralTransactionsTurnAbout() {
    var first = Instant.parse("2026-03-01T00:00:00.000001Z");
    var second = Instant.parse("2026-03-01T00:00:00.000002Z");
    for (var time : new Instant[] {first, first, second, first, second, second}) {
      assertThat(times.of(time)).isEqualTo(time.toString());
    }
  }

  @Test
  void writesEveryTimeOfMixedSeconds() {
    var random = new Random(7);
    for (int i = 0; i < 100_000; i++) {
      long micros = 1_790_000_000_000_000L + random.nextInt(3_000_000);
      var time = Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000);
      assertThat(times.of(time)).isEqualTo(time.toString());
    }
  }
}
