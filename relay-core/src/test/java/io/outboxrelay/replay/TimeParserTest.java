package io.outboxrelay.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.OffsetDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeParserTest {
  private static final OffsetDateTime NOW = OffsetDateTime.parse("2026-03-08T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "2026-03-01T12:30:00Z, 2026-03-01T12:30:00Z",
    "2026-03-01T12:30+01:00, 2026-03-01T11:30:00Z",
    "2026-03-01, 2026-03-01T00:00:00Z",
    "90s, 2026-03-08T11:58:30Z",
    "30m, 2026-03-08T11:30:00Z",
    "2h, 2026-03-08T10:00:00Z",
    "2h ago, 2026-03-08T10:00:00Z",
    "7d, 2026-03-01T12:00:00Z"
  })
  void isWrittenInIsoOrAsSoLongAgo(String text, String expected) {
    assertThat(TimeParser.parse(text, NOW)).isEqualTo(OffsetDateTime.parse(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-01T12:30:00, does not say its zone",
    "2026-03-01T12:30:00 Mars/Olympus, is no time",
    "2026-02-30, is no time",
    "noon, is no time",
    "2 weeks, is no time",
    "-2h, is no time",
    "'', is no time"
  })
  void getsASentenceWhereItIsNone(String text, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TimeParser.parse(text, NOW))
        .withMessageContaining("'" + text + "' " + sentence + "; write 2026-03-01T12:30:00Z");
  }
}
