package io.outboxrelay.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A broker's answer can contain any characters, and the database has to store it. */
class NewDeadLetterTest {
  @Test
  void theDatabaseCanStoreItsTexts() {
    var newDeadLetter =
        NewDeadLetter.rejected(
            1, "a", true, "a\0b" + "😀".repeat(3_000), "topic\0" + "x".repeat(9_000));

    assertThat(newDeadLetter.reason())
        .startsWith("a\\0b😀")
        .endsWith("😀 [cut off here; it had 6004 characters]")
        .doesNotContain("\0");
    assertThat(newDeadLetter.destination()).startsWith("topic\\0xxx").hasSizeLessThan(700);
  }

  @Test
  void thereIsAFormThatEachEncodingHas() {
    var plain = NewDeadLetter.rejected(1, "a", true, "„zu groß“", "bücher").plain(" – more");

    assertThat(plain.reason()).isEqualTo("?zu gro?? ? more");
    assertThat(plain.destination()).isEqualTo("b?cher");
    assertThat(new RedeliveryFailure(1, "ß", "ü", true).plain())
        .isEqualTo(new RedeliveryFailure(1, "?", "?", true));
  }
}
