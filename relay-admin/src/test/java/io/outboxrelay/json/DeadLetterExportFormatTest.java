package io.outboxrelay.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLetterExportFormatTest {
  @ParameterizedTest
  @ValueSource(strings = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"})
  void aCellThatBeginsLikeAFormulaIsText(String text) {
    assertThat(DeadLetterExportFormat.cell(text)).isEqualTo("\"'" + text + "\"");
  }

  @Test
  void quotesAreDoubledAndNumbersStay() {
    assertThat(DeadLetterExportFormat.cell("{\"a\": 1}")).isEqualTo("\"{\"\"a\"\": 1}\"");
    assertThat(DeadLetterExportFormat.cell(-7L)).isEqualTo("\"-7\"");
    assertThat(DeadLetterExportFormat.cell(null)).isEqualTo("\"\"");
  }
}
