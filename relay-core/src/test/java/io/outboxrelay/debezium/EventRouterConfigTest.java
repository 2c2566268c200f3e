package io.outboxrelay.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.settings.SettingProblems;
import io.outboxrelay.settings.Settings;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The section outbox.debezium. */
class EventRouterConfigTest {
  private static OutboxConfig read(Map<String, ?> values) {
    var settings = Settings.of("test", values);
    var config = OutboxConfig.from(settings);
    settings.verify();
    return config;
  }

  private static Map<String, String> problems(Map<String, ?> values) {
    var all = new HashMap<String, Object>(values);
    all.putIfAbsent("outbox.layout", "debezium");
    return SettingProblems.of(() -> read(all));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "placement | a:nowhere | has the entry \"a:nowhere\": \"nowhere\" is none of header",
        "placement | a:partition,b:partition | names two columns for the partition",
        "placement | a:envelope:x,b:envelope:x | gives the envelope two fields with the name x",
        "placement | payload:envelope | gives the envelope two fields with the name payload",
        "json-nulls | optional-bytes | has an effect only with expand-json: true",
        "json-empty-arrays | optional-string | has an effect only with expand-json: true",
        "schema-version-column | v | has an effect only with a column of placement in the envelope",
        "key-converter | binary | is for values only",
        "header-converter | binary | is for values only",
      })
  void aMistakeIsToldWhereItIs(String key, String value, String message) {
    assertThat(problems(Map.of("outbox.debezium." + key, value)).get("outbox.debezium." + key))
        .startsWith(message);
  }

  @Test
  void allMistakesAreToldAtOnce() {
    assertThat(
            problems(
                Map.of(
                    "outbox.debezium.placement", "a:envelope",
                    "outbox.debezium.key-converter", "avro",
                    "outbox.columns.headers", "headers")))
        .containsOnlyKeys(
            "outbox.debezium.topic-prefix",
            "outbox.debezium.key-converter",
            "outbox.columns.headers");
  }

  @Test
  void anEnvelopeWithoutSchemasNeedsNoPrefix() {
    assertThat(
            problems(
                Map.of(
                    "outbox.debezium.placement", "a:envelope",
                    "outbox.debezium.value-converter", "json-without-schemas")))
        .isEmpty();
  }

  @Test
  void anotherLayoutReadsNoneOfIt() {
    assertThat(
            problems(Map.of("outbox.layout", "relay", "outbox.debezium.placement", "a:envelope")))
        .containsOnly(
            Map.entry("outbox.debezium.placement", "is read only with outbox.layout: debezium"));
  }

  @Test
  void theLayoutNamesTheColumns() {
    var columns = read(Map.of("outbox.layout", "debezium", "outbox.table", "t")).columns();

    assertThat(columns.names().values())
        .contains("aggregatetype", "aggregateid", "type", "payload", "id")
        .doesNotContain("headers");
    assertThat(columns.isMapped()).isTrue();
  }

  /** A column that each event has anyway is not fetched again. */
  @Test
  void furtherColumnsAreThoseThatAnEventLacks() {
    var columns =
        read(Map.of(
                "outbox.layout", "debezium",
                "outbox.columns.id-type", "number",
                "outbox.debezium.placement", "type:header,tenant:header,aggregateid:header",
                "outbox.debezium.timestamp-column", "at",
                "outbox.debezium.tracing-column", "trace"))
            .columns();

    assertThat(columns.further().names()).containsExactlyInAnyOrder("at", "trace", "tenant", "id");
  }
}
