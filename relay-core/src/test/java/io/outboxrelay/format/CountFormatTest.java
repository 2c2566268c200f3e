package io.outboxrelay.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountFormatTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0 events",
        "1|1 event",
        "2|2 events",
        "999|999 events",
        "1000|1,000 events",
        "999999|999,999 events",
        "1000000|1,000,000 events",
        "-1|-1 events",
        "-1000|-1,000 events",
        "9223372036854775807|9,223,372,036,854,775,807 events"
      })
  void groupsDigitsAndFormsThePlural(long count, String text) {
    assertThat(CountFormat.of(count, "event")).isEqualTo(text);
    assertThat(text).startsWith(CountFormat.of(count) + " ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"0|0 events wait", "1|1 event waits", "2|2 events wait", "12000|12,000 events wait"})
  void agreesWithItsVerb(long count, String text) {
    assertThat(CountFormat.of(count, "event waits", "events wait")).isEqualTo(text);
  }

  @Test
  void writesTheSameNumberOnAMachineOfAnotherLocale() {
    var before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(CountFormat.of(12_345)).isEqualTo("12,345");
    } finally {
      Locale.setDefault(before);
    }
  }
}
