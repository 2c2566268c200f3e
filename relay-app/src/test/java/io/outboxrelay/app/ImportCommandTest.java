package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.Environment;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImportCommandTest {
  private static final String PROPERTIES =
      """
      debezium.source.connector.class=io.debezium.connector.postgresql.PostgresConnector
      debezium.source.database.hostname=db
      debezium.source.database.user=relay
      debezium.source.database.dbname=shop
      debezium.source.slot.name=debezium
      debezium.sink.type=%s
      debezium.transforms=outbox
      debezium.transforms.outbox.type=io.debezium.transforms.outbox.EventRouter
      debezium.transforms.outbox.route.topic.regex=(.*)_v\\\\d+
      debezium.transforms.outbox.route.topic.replacement=events.$1
      debezium.transforms.outbox.table.fields.additional.placement=type:header:eventType,a:envelope
      debezium.transforms.outbox.tracing.operation.name=read
      debezium.source.topic.prefix=shop
      """;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path folder = Path.of("");

  /** The relay starts with the translated configuration, if the secrets are in the environment. */
  @ParameterizedTest
  @ValueSource(strings = {"kafka", "rabbitmq"})
  void theResultIsAConfigurationOfTheRelay(String sink) throws IOException {
    assertThat(execute(written(PROPERTIES.formatted(sink)))).isZero();

    var environment =
        new Environment(
            Map.of("RELAY_DB_PASSWORD", "pw", "KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
            Map.of());
    var settings = Settings.of("import", parse(out.toString()), environment);
    var config = AppConfig.from(settings, BrokerProviders.found());
    assertThat(config.broker().route()).contains("(.*)_v\\d+ -> events.$1");
    assertThat(config.relay().outbox().names().columns().further().names()).containsExactly("a");
  }

  @Test
  void propertiesThatNeedAttentionAreToldWithTheirLines() throws IOException {
    execute(written(PROPERTIES.formatted("kafka")));

    assertThat(err.toString().lines())
        .containsExactly(
            "line 5, debezium.source.slot.name: not needed: the relay keeps its position in the"
                + " database by itself",
            "line 12, debezium.transforms.outbox.tracing.operation.name: no counterpart: the span of"
                + " an event is called publish and its topic");
  }

  @Test
  void aPropertyThatIsNotNeededIsToldWithItsOwnReason() throws IOException {
    execute(
        written(
            PROPERTIES.formatted("kafka")
                + "quarkus.log.level=INFO\ndebezium.source.max.batch.size=9\n"));

    assertThat(err.toString())
        .contains("quarkus.log.level: not needed: it is about running Debezium itself")
        .contains(
            "debezium.source.max.batch.size: not needed: the relay has its own settings for reading");
  }

  @Test
  void aScriptGetsSettingsAndRemarksAsJson() throws IOException {
    execute(written(PROPERTIES.formatted("kafka")), "--output", "json");

    var answer = new JsonObject(out.toString());
    assertThat(answer.getJsonObject("settings").getString("broker")).isEqualTo("kafka");
    var first = answer.getJsonArray("notes").getJsonObject(0);
    assertThat(first.getInteger("line")).isEqualTo(5);
    assertThat(first.getString("kind")).isEqualTo("not needed");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void anotherFileIsAMistake() throws IOException {
    assertThat(execute(folder.resolve("none").toString())).isEqualTo(2);
    assertThat(err.toString()).contains("none cannot be read: no such file or folder");
    assertThat(execute(written("a=b"))).isEqualTo(2);
    assertThat(err.toString()).contains("has no connector.class");
    assertThat(out.toString()).isEmpty();
  }

  private String written(String text) throws IOException {
    return Files.writeString(folder.resolve("debezium.properties"), text).toString();
  }

  private int execute(String... arguments) {
    var words = new ArrayList<>(List.of("import"));
    words.addAll(List.of(arguments));
    return RelayCommand.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(words.toArray(String[]::new));
  }

  private static Map<String, Object> parse(String yaml) {
    var vertx = Vertx.vertx();
    try {
      return new YamlProcessor()
          .process(vertx, new JsonObject(), Buffer.buffer(yaml))
          .map(JsonObject::getMap)
          .await();
    } finally {
      vertx.close().await();
    }
  }
}
