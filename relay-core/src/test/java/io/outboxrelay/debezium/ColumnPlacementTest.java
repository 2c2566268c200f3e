package io.outboxrelay.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.debezium.ColumnPlacement.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnPlacementTest {
  @Test
  void aListNamesColumnsPlacesAndAliases() {
    assertThat(ColumnPlacement.parse("id:header, type : Envelope : eventType ,slot:PARTITION"))
        .containsExactly(
            new ColumnPlacement("id", Place.HEADER, "id"),
            new ColumnPlacement("type", Place.ENVELOPE, "eventType"),
            new ColumnPlacement("slot", Place.PARTITION, "slot"));
  }

  @Test
  void itIsWrittenAsItIsRead() {
    assertThat(ColumnPlacement.parse("type:envelope:eventType,id:header:id"))
        .extracting(ColumnPlacement::toString)
        .containsExactly("type:envelope:eventType", "id:header");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type | 'has the entry \"type\": it is not written column:place or column:place:alias'",
        "'' | 'has the entry \"\": it is not written column:place or column:place:alias'",
        "a:header:b:c | 'has the entry \"a:header:b:c\": it is not written column:place or"
            + " column:place:alias'",
        "id:header, | 'has the entry \"\": it is not written column:place or column:place:alias'",
        ":header | 'has the entry \":header\": a part of it is empty'",
        "id:header: | 'has the entry \"id:header:\": a part of it is empty'",
        "id:body | 'has the entry \"id:body\": \"body\" is none of header, envelope and partition'"
      })
  void aMistakeIsNamedBeforeTheFirstEvent(String list, String message) {
    assertThatThrownBy(() -> ColumnPlacement.parse(list))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
