package io.outboxrelay.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElapsedTimeFormatTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0.0 s",
    "PT0.049S, 0.0 s",
    "PT0.999S, 1.0 s",
    "PT1S, 1.0 s",
    "PT9.949S, 9.9 s",
    "PT9.95S, 10 s",
    "PT119.499S, 119 s",
    "PT120S, 2 min",
    "PT1H59M29S, 119 min",
    "PT2H, 2 h",
    "PT24H, 24 h",
    "PT47H, 47 h",
    "PT48H, 2 days",
    "P30D, 30 days",
    "PT-0.3S, -0.3 s",
    "PT-90S, -90 s",
    "PT-3H, -3 h",
    "P-3D, -3 days"
  })
  void choosesTheUnitBySize(Duration duration, String text) {
    assertThat(ElapsedTimeFormat.of(duration)).isEqualTo(text);
  }
}
