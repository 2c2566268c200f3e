package io.outboxrelay.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.outboxrelay.debezium.ImportNote.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DebeziumImportTest {
  private static final String SERVER =
      """
      debezium.source.connector.class=io.debezium.connector.postgresql.PostgresConnector
      debezium.transforms=outbox
      debezium.transforms.outbox.type=io.debezium.transforms.outbox.EventRouter
      """;

  private static final String ROUTER = "debezium.transforms.outbox.";

  @Test
  void aServerForKafkaIsTranslated() {
    var config =
        DebeziumImport.of(
            SERVER
                + """
                # the database
                debezium.source.database.hostname = db.example.com
                debezium.source.database.port=5433
                debezium.source.database.user=relay user
                debezium.source.database.password=hunter2
                debezium.source.database.dbname=shop
                debezium.source.database.sslmode=verify-full
                debezium.source.table.include.list=sales\\\\.outbox
                debezium.source.slot.name=debezium
                debezium.source.topic.prefix=shop
                debezium.sink.type=kafka
                debezium.sink.kafka.producer.bootstrap.servers=one:9092,\\
                    two:9092
                debezium.sink.kafka.producer.linger.ms=5
                debezium.sink.kafka.producer.key.serializer=org.example.Any
                debezium.sink.kafka.producer.sasl.jaas.config=hunter2
                debezium.format.value=simplestring
                """);

    assertThat(config.settings())
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("database.uri", "postgresql://relay%20user@db.example.com:5433/shop"),
                Map.entry("database.password", "${RELAY_DB_PASSWORD}"),
                Map.entry("database.tls.mode", "verify-full"),
                Map.entry("outbox.schema", "sales"),
                Map.entry("outbox.table", "outbox"),
                Map.entry("outbox.layout", "debezium"),
                Map.entry("outbox.debezium.topic-prefix", "shop"),
                Map.entry("outbox.debezium.key-converter", "json"),
                Map.entry("outbox.debezium.value-converter", "string"),
                Map.entry("outbox.debezium.header-converter", "json"),
                Map.entry("broker", "kafka"),
                Map.entry("kafka.bootstrap.servers", "one:9092,two:9092"),
                Map.entry("kafka.linger.ms", "5"),
                Map.entry("kafka.sasl.jaas.config", "${KAFKA_SASL_JAAS_CONFIG}"),
                Map.entry("kafka.topic", "outbox.event.${aggregate_type}"),
                Map.entry("kafka.timestamp", "publish")));
    assertThat(config.yaml()).doesNotContain("hunter2");
    assertThat(config.notes().toString()).doesNotContain("hunter2");
    assertThat(config.notes())
        .extracting(ImportNote::line, ImportNote::kind)
        .contains(tuple(8, Kind.CHANGED), tuple(12, Kind.NOT_NEEDED))
        .doesNotContain(tuple(11, Kind.CHANGED))
        .noneMatch(note -> note.toList().contains(Kind.NO_COUNTERPART));
  }

  @Test
  void aServerForRabbitMqIsTranslated() {
    var config =
        DebeziumImport.of(
            SERVER
                + """
                debezium.sink.type=rabbitmq
                debezium.sink.rabbitmq.connection.host=rabbit
                debezium.sink.rabbitmq.connection.port=5673
                debezium.sink.rabbitmq.connection.username=relay
                debezium.sink.rabbitmq.connection.password=hunter2
                debezium.sink.rabbitmq.connection.virtual.host=shop
                debezium.sink.rabbitmq.connection.channel.max=7
                debezium.sink.rabbitmq.ackTimeout=30000
                debezium.sink.rabbitmq.exchange=events
                debezium.sink.rabbitmq.routingKey.source=key
                debezium.sink.rabbitmq.autoCreateRoutingKey=true
                """);

    assertThat(config.settings())
        .containsEntry("broker", "rabbitmq")
        .containsEntry("rabbitmq.uri", "amqp://rabbit:5673")
        .containsEntry("rabbitmq.username", "relay")
        .containsEntry("rabbitmq.password", "${RELAY_RABBITMQ_PASSWORD}")
        .containsEntry("rabbitmq.virtual-host", "shop")
        .containsEntry("rabbitmq.confirm-timeout", "30000ms")
        .containsEntry("rabbitmq.exchange", "events")
        .containsEntry("rabbitmq.routing-key", "${aggregate_id}")
        .containsEntry("outbox.layout", "debezium");
    assertThat(without(config))
        .containsExactly(
            "debezium.sink.rabbitmq.connection.channel.max",
            "debezium.sink.rabbitmq.autoCreateRoutingKey");
  }

  /** If the sink names no exchange, its exchange is the topic and its routing key is empty. */
  @ParameterizedTest
  @CsvSource({
    "'', outbox.event.${aggregate_type}, ''",
    "routingKey=q, outbox.event.${aggregate_type}, q",
    "routingKey.source=topic, outbox.event.${aggregate_type}, outbox.event.${aggregate_type}",
    "routingKeyFromTopicName=true, outbox.event.${aggregate_type}, outbox.event.${aggregate_type}"
  })
  void theRoutingKeyHasItsSource(String option, String exchange, String routingKey) {
    var config =
        DebeziumImport.of(
            SERVER
                + "debezium.sink.type=rabbitmq\n"
                + (option.isEmpty() ? "" : "debezium.sink.rabbitmq." + option));

    assertThat(config.settings())
        .containsEntry("rabbitmq.exchange", exchange)
        .containsEntry("rabbitmq.routing-key", routingKey);
  }

  @Test
  void aConnectorForKafkaConnectIsTranslated() {
    var config =
        DebeziumImport.of(
            """
            {
              "name": "outbox-connector",
              "config": {
                "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
                "tasks.max": 1,
                "database.hostname": "db",
                "transforms": "outbox,unwrap",
                "transforms.outbox.type": "io.debezium.transforms.outbox.EventRouter",
                "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
                "value.converter": "org.apache.kafka.connect.json.JsonConverter",
                "value.converter.schemas.enable": "false",
                "producer.override.linger.ms": "5",
                "retriable.restart.connector.wait.ms": 1
              }
            }
            """);

    assertThat(config.settings())
        .containsEntry("broker", "kafka")
        .containsEntry("kafka.bootstrap.servers", "${KAFKA_BOOTSTRAP_SERVERS}")
        .containsEntry("kafka.linger.ms", "5")
        .containsEntry("outbox.debezium.value-converter", "json-without-schemas")
        .containsEntry("outbox.debezium.header-converter", "string");
    assertThat(config.notes())
        .extracting(ImportNote::line, ImportNote::property, ImportNote::kind)
        .containsExactly(
            tuple(4, "connector.class", Kind.CHANGED),
            tuple(5, "tasks.max", Kind.NOT_NEEDED),
            tuple(9, "transforms.unwrap.type", Kind.NO_COUNTERPART),
            tuple(13, "retriable.restart.connector.wait.ms", Kind.NO_COUNTERPART));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "route.topic.replacement=${routedByValue}.events | kafka.topic | ${aggregate_type}.events",
        "route.by.field=region | kafka.topic | outbox.event.${aggregate_type}",
        "route.by.field=region | outbox.columns.aggregate-type | region",
        "route.topic.regex=(.*)_v1 | kafka.topic | ${aggregate_type}",
        "route.topic.regex=(.*)_v1 | kafka.topic-regex | (.*)_v1",
        "route.topic.regex=(.*)_v1 | kafka.topic-replacement | outbox.event.${routedByValue}",
        "table.field.event.id=uid | outbox.columns.id | uid",
        "table.field.event.key=key | outbox.columns.aggregate-id | key",
        "table.field.event.type=kind | outbox.columns.event-type | kind",
        "table.field.event.payload=body | outbox.columns.payload | body",
        "table.field.event.timestamp=at | outbox.debezium.timestamp-column | at",
        "table.fields.additional.placement=type:header:eventType | outbox.debezium.placement |"
            + " type:header:eventType",
        "table.fields.additional.placement=a : envelope , slot:PARTITION |"
            + " outbox.debezium.placement | a:envelope,slot:partition",
        "table.field.additional.missing=ignore | outbox.debezium.missing-columns | ignore",
        "table.fields.additional.error.on.missing=false | outbox.debezium.missing-columns | ignore",
        "route.tombstone.on.empty.payload=true |"
            + " outbox.debezium.tombstone-on-empty-payload | true",
        "table.expand.json.payload=true | outbox.debezium.expand-json | true",
        "tracing.span.context.field=context | outbox.debezium.tracing-column | context",
        "tracing.with.context.field.only=true | tracing.sample-ratio | 0"
      })
  void anOptionOfTheRouterIsASetting(String option, String key, String value) {
    assertThat(router(option).settings()).containsEntry(key, value);
  }

  /** Each option of the router that Debezium documents, so that none is called unknown. */
  @ParameterizedTest
  @CsvSource({
    "table.op.invalid.behavior, fatal, NO_COUNTERPART",
    "table.op.invalid.behavior, warn, NOT_NEEDED",
    "table.field.event.schema.version, version, NOT_NEEDED",
    "table.json.payload.null.behavior, ignore, NOT_NEEDED",
    "table.json.payload.empty.array.behavior, ignore, NOT_NEEDED",
    "table.fields.additional.placement, nonsense, NO_COUNTERPART",
    "tracing.span.context.field, context, CHANGED",
    "tracing.operation.name, read, NO_COUNTERPART",
    "tracing.with.context.field.only, false, CHANGED"
  })
  void aRemarkTellsTheDifference(String option, String value, Kind kind) {
    assertThat(router(option + "=" + value).notes())
        .singleElement()
        .satisfies(
            note -> {
              assertThat(note.property()).isEqualTo(ROUTER + option);
              assertThat(note.line()).isEqualTo(5);
              assertThat(note.kind()).isEqualTo(kind);
              assertThat(note.text()).doesNotContain("does not know");
            });
  }

  @Test
  void theBehavioursOfExpandedJsonAreSettings() {
    var config =
        router(
            "table.expand.json.payload=true\n"
                + ROUTER
                + "table.json.payload.null.behavior=optional_bytes\n"
                + ROUTER
                + "table.json.payload.empty.array.behavior=optional_string");

    assertThat(config.settings())
        .containsEntry("outbox.debezium.json-nulls", "optional-bytes")
        .containsEntry("outbox.debezium.json-empty-arrays", "optional-string");
  }

  @Test
  void theVersionOfTheSchemaIsThatOfTheEnvelope() {
    var config =
        router(
            "table.field.event.schema.version=version\n"
                + ROUTER
                + "table.fields.additional.placement=a:envelope");

    assertThat(config.settings()).containsEntry("outbox.debezium.schema-version-column", "version");
  }

  @Test
  void anUnknownOptionIsTold() {
    assertThat(without(router("table.field.event.color=red")))
        .containsExactly(ROUTER + "table.field.event.color");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a=b",
        "{",
        "connector.class=io.debezium.connector.mysql.MySqlConnector",
        "connector.class=io.debezium.connector.postgresql.PostgresConnector\ntransforms=a",
      })
  void anotherFileIsRefused(String text) {
    assertThatThrownBy(() -> DebeziumImport.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("(?s)(has no|is for|is no) .*");
  }

  @Test
  void anotherSinkIsRefused() {
    assertThatThrownBy(() -> DebeziumImport.of(SERVER + "debezium.sink.type=kinesis"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("has the sink \"kinesis\", and the relay publishes to kafka and rabbitmq");
  }

  @Test
  void theConfigurationIsYaml() {
    assertThat(router("route.topic.regex=it's \\\\d").yaml())
        .contains("kafka.topic-regex: 'it''s \\d'\n")
        .contains("broker: 'kafka'\n");
  }

  private static ImportedConfig router(String option) {
    return DebeziumImport.of(SERVER + "debezium.sink.type=kafka\n" + ROUTER + option);
  }

  private static List<String> without(ImportedConfig config) {
    return config.notes().stream()
        .filter(note -> note.kind() == Kind.NO_COUNTERPART)
        .map(ImportNote::property)
        .toList();
  }
}
