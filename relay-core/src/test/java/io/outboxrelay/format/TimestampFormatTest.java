package io.outboxrelay.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.OffsetDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimestampFormatTest {
  @ParameterizedTest
  @CsvSource({
    "2026-03-01T12:30:00Z, 2026-03-01T12:30:00Z",
    "2026-03-01T12:30:59.999999Z, 2026-03-01T12:30:59Z",
    "2026-03-01T00:30:00.000001+01:00, 2026-02-28T23:30:00Z",
    "1970-01-01T00:00:00Z, 1970-01-01T00:00:00Z",
    "1969-12-31T23:59:59.5Z, 1969-12-31T23:59:59Z"
  })
  void writesUtcAndDropsTheFraction(OffsetDateTime time, String text) {
    assertThat(TimestampFormat.of(time)).isEqualTo(text);
  }
}
