package io.outboxrelay.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LetterExportFormatTest {
  @ParameterizedTest
  @ValueSource(strings = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"})
  void aCellThatBeginsLikeAFormulaIsText(String text) {
    assertThat(LetterExportFormat.cell(text)).isEqualTo("\"'" + text + "\"");
  }

  @Test
  void quotesAreDoubledAndNumbersStay() {
    assertThat(LetterExportFormat.cell("{\"a\": 1}")).isEqualTo("\"{\"\"a\"\": 1}\"");
    assertThat(LetterExportFormat.cell(-7L)).isEqualTo("\"-7\"");
    assertThat(LetterExportFormat.cell(null)).isEqualTo("\"\"");
  }
}
