package io.outboxrelay.debeziumformat;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPartTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "quotes \" and \\ and \n",
        "\u0001",
        "umlaut \u00e4",
        "\u4e2d\u2028",
        "emoji \ud83d\ude00",
        "a lone surrogate is refused by PostgreSQL, so only pairs arrive \ud834\udd1e"
      })
  void aTextHasTheBytesOfConnectsConverter(String text) {
    for (boolean withSchemas : new boolean[] {true, false}) {
      var connect = new JsonConverter(false);
      connect.configure(Map.of("schemas.enable", withSchemas, "converter.type", "value"));
      var part = new JsonPart(withSchemas, "value");
      for (var schema : new Schema[] {Schema.STRING_SCHEMA, Schema.OPTIONAL_STRING_SCHEMA}) {
        assertThat(part.write(schema, text))
            .isEqualTo(Buffer.buffer(connect.fromConnectData("", schema, text)));
      }
    }
  }
}
