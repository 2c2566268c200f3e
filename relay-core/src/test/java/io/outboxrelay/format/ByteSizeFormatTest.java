package io.outboxrelay.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteSizeFormatTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1, 1 B",
    "999, 999 B",
    "1000, 1000 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "1536, 1.5 KiB",
    "1048524, 1023.9 KiB",
    "1048525, 1.0 MiB",
    "1048576, 1.0 MiB",
    "1073741823, 1.0 GiB",
    "1073741824, 1.0 GiB",
    "9223372036854775807, 8.0 EiB",
    "-1, -1 B",
    "-1023, -1023 B",
    "-1536, -1.5 KiB",
    "-9223372036854775808, -8.0 EiB"
  })
  void changesTheUnitWhereTheNumberWouldReach1024(long bytes, String text) {
    assertThat(ByteSizeFormat.of(bytes)).isEqualTo(text);
  }
}
