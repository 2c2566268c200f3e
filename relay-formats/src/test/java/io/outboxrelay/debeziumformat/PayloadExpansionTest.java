package io.outboxrelay.debeziumformat;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.debezium.EventRouterConfig.JsonEmptyArrays;
import io.outboxrelay.debezium.EventRouterConfig.JsonNulls;
import io.outboxrelay.debezium.EventRouterConfig.Payload;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Payloads that RecordedMessagesTest cannot compare, because Debezium Server 3.6.0 does not know
 * the setting or gives no message.
 */
class PayloadExpansionTest {
  private static PayloadExpansion expansion(JsonEmptyArrays emptyArrays) {
    return new PayloadExpansion(new Payload(false, true, JsonNulls.IGNORE, emptyArrays), "payload");
  }

  @Test
  void anEmptyArrayIsLeftOutOrAnArrayOfTexts() {
    String text = "{\"a\": [], \"o\": {\"b\": []}}";
    var kept = requireNonNull(expansion(JsonEmptyArrays.OPTIONAL_STRING).of(text));
    var left = requireNonNull(expansion(JsonEmptyArrays.IGNORE).of(text));

    assertThat(kept.schema().field("a").schema().valueSchema())
        .isEqualTo(Schema.OPTIONAL_STRING_SCHEMA);
    assertThat(((Struct) kept.value()).getArray("a")).isEmpty();
    assertThat(((Struct) kept.value()).getStruct("o").getArray("b")).isEmpty();
    assertThat(left.schema().field("a")).isNull();
  }

  /** Debezium Server ends with an exception for some of them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[1, 2]",
        "[]",
        "{\"n\": 123456789012345678901234567890}",
        "{\"a\": [1, 2.5]}",
        "{\"a\": [[1], [2.5]], \"b\": [1, \"x\"]}",
        "{broken",
        "",
        "7"
      })
  void aTextThatCannotBeAStructureStaysAsItIs(String text) {
    assertThat(expansion(JsonEmptyArrays.IGNORE).of(text)).isNull();
  }
}
