package io.outboxrelay.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.settings.SettingDescriptor;
import io.outboxrelay.settings.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

class ConnectorConfigTest {
  private static final Map<String, String> LEAST =
      Map.of("name", "orders", "database.uri", "postgresql://relay@127.0.0.1:1/app");

  private final OutboxSourceConnector connector = new OutboxSourceConnector();

  @Test
  void theLeastConfigurationHasTheDefaultsOfTheRelay() {
    var config = ConnectorConfig.from(LEAST);

    assertThat(config.owner()).isEqualTo("connector orders");
    assertThat(config.relay().readAhead().pageEvents()).isEqualTo(1000);
    assertThat(config.records().topic()).hasToString("${aggregate_type}.events");
    assertThat(config.records().key()).isEqualTo(RecordFormat.STRING);
    assertThat(config.records().value()).isEqualTo(RecordFormat.BYTES);
  }

  /**
   * Connect shows the defaults of {@link ConnectorConfigDef}, but the parsers have defaults of
   * their own.
   */
  @Test
  void theDefaultsThatConnectShowsAreTheOnesInForce() {
    var settings = Settings.of("test", Map.of("database", Map.of("uri", "postgresql://a@b/c")));
    DatabaseConfig.from(settings);
    RelayConfig.from(settings);
    RecordConfig.from(settings);
    var inForce =
        settings.known().stream()
            .collect(Collectors.toMap(SettingDescriptor::key, SettingDescriptor::orElse));

    var shown =
        connector.config().configKeys().values().stream()
            .filter(key -> key.type() == ConfigDef.Type.STRING && key.hasDefault())
            .filter(key -> !key.name.equals("relay.latency-limit"))
            .collect(
                Collectors.toMap(
                    key -> key.name,
                    key -> key.defaultValue == null ? "" : String.valueOf(key.defaultValue)));

    assertThat(inForce).containsAllEntriesOf(shown);
  }

  @Test
  void everySettingIsExplainedAndInAGroup() {
    assertThat(connector.config().configKeys().values())
        .allSatisfy(
            key -> {
              assertThat(key.documentation).as(key.name).endsWith(".");
              assertThat(key.group).as(key.name).isNotBlank();
            });
    assertThat(connector.config().groups())
        .containsExactly("Database", "Outbox", "Records", "Reading");
  }

  @Test
  void choicesAreRecommended() {
    var values = byName(connector.config().validate(LEAST));

    assertThat(named(values, "relay.wakeup").recommendedValues())
        .isEqualTo(List.of("doorbell", "poll"));
    assertThat(named(values, "kafka.timestamp").recommendedValues())
        .isEqualTo(List.of("event", "publish"));
  }

  @Test
  void allMistakesAreReportedAtTheirSettings() {
    var given = new HashMap<>(LEAST);
    given.put("relay.page-size", "none");
    given.put("kafka.topic", "${agregate_type}");
    given.put("record.value-format", "avro");
    given.put("relay.shards", "3");
    given.put("relay.read-ahead", "5");
    given.put("outbox.tabel", "events");
    given.put("tasks.max", "3");

    var errors =
        connector.validate(given).configValues().stream()
            .filter(value -> !value.errorMessages().isEmpty())
            .collect(Collectors.toMap(ConfigValue::name, value -> value.errorMessages().get(0)));

    assertThat(errors)
        .containsOnlyKeys(
            "relay.page-size",
            "kafka.topic",
            "record.value-format",
            "relay.shards",
            "relay.read-ahead",
            "outbox.tabel")
        .contains(
            entry("relay.shards", "relay.shards is not a setting of the connector"),
            entry("outbox.tabel", "outbox.tabel is not a setting of the connector"));
    assertThat(errors.get("kafka.topic")).contains("agregate_type, which does not exist");
  }

  @Test
  void aMissingUriIsReportedByConnect() {
    var values = byName(connector.validate(Map.of("name", "orders")).configValues());

    assertThat(named(values, "database.uri").errorMessages()).hasSize(1);
  }

  @Test
  void aDatabaseThatIsNotReachableIsReportedAtItsUri() {
    var values = byName(connector.validate(LEAST).configValues());

    assertThat(named(values, "database.uri").errorMessages())
        .singleElement()
        .asString()
        .contains("PostgreSQL at 127.0.0.1:1, database app, user relay cannot be reached");
  }

  private static ConfigValue named(Map<String, ConfigValue> values, String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  private static Map<String, ConfigValue> byName(List<ConfigValue> values) {
    return values.stream().collect(Collectors.toMap(ConfigValue::name, value -> value));
  }

  @Test
  void secretsAreHidden() {
    var password = Objects.requireNonNull(connector.config().configKeys().get("database.password"));

    assertThat(password.type()).isEqualTo(ConfigDef.Type.PASSWORD);
  }
}
