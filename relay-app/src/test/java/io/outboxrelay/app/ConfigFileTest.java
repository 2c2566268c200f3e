package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.outboxrelay.publish.Finding;
import io.outboxrelay.settings.Environment;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
  private static Vertx vertx;

  @TempDir private Path folder = Path.of("set by JUnit");

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void closeVertx() {
    vertx.close().await();
  }

  @Test
  void theMinimalFileIsEnough() throws IOException {
    var settings =
        read(
            """
            database: { uri: "postgresql://relay@localhost:5432/app", password: "${RELAY_DB_PASSWORD:-pw}" }
            broker: kafka
            kafka: { bootstrap.servers: "localhost:9092", topic: "${aggregate_type}.events" }
            """);
    var config = AppConfig.from(settings, BrokerProviders.found());
    assertThat(StartupBanner.of(config))
        .isEqualTo(
            """
            outbox-relay unpackaged
              configuration  %s
              database       PostgreSQL at localhost:5432, database app, user relay
              outbox         public.outbox
              broker         Kafka at localhost:9092, topic ${aggregate_type}.events
              shards         as many as the outbox has
              partitions     1
              wake-up        doorbell
              tracing        off"""
                .formatted(file()));
  }

  @Test
  void valuesStayAsTheyWereWritten() throws IOException {
    var settings = read("a: 1.10\nb: no\nc: 0123\nd: 2026-01-02\ne:\nf: [x, 'y']\n");
    assertThat(settings.text("a", "")).isEqualTo("1.10");
    assertThat(settings.text("b", "")).isEqualTo("no");
    assertThat(settings.text("c", "")).isEqualTo("0123");
    assertThat(settings.text("d", "")).isEqualTo("2026-01-02");
    assertThat(settings.optionalText("e")).isEmpty();
    assertThat(settings.texts("f")).containsExactly("x", "y");
    assertThatCode(settings::verify).doesNotThrowAnyException();
  }

  @Test
  void anEmptyFileLacksOnlyWhatIsRequired() {
    assertThatThrownBy(() -> AppConfig.from(read("# nothing yet\n"), BrokerProviders.found()))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessage(
            """
            %s has 2 problems, so nothing was started:
              database.uri   is missing
              broker         is missing"""
                .formatted(file()));
  }

  @Test
  void mistakesOfAllSectionsComeAtOnce() {
    assertThatThrownBy(
            () ->
                AppConfig.from(
                    read(
                        """
                        database: { uri: "postgresql://relay:s3cret@localhost", pasword: "s3cret" }
                        broker: kafka
                        kafka: { acks: 1, tpoic: orders }
                        rabbitmq: { uri: "amqp://localhost" }
                        outbox: { retention: for ever }
                        relay: { page-size: 0, wakeup: bell }
                        """),
                    BrokerProviders.found()))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageNotContaining("s3cret")
        .hasMessage(
            """
            %s has 8 problems, so nothing was started:
              database.uri = "postgresql://relay:[hidden]@localhost"   names no database; write postgresql://user@host:5432/database
              outbox.retention = "for ever"                            is not a duration; write 200ms, 5s, 5m, 24h or 7d
              relay.wakeup = "bell"                                    is not one of doorbell, poll
              relay.page-size = 0                                      must be from 1 to 100000 events
              kafka.bootstrap.servers                                  is missing
              kafka.acks = 1                                           must be all, or an event that Kafka has confirmed can be lost
              database.pasword                                         is unknown; did you mean database.password?
              kafka.tpoic                                              is unknown; did you mean kafka.topic?"""
                .formatted(file()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RabbitMQ", "rabbitmq", " RABBITMQ "})
  void oneFileServesForBothBrokersAndTheirNamesMayHaveCapitals(String broker) throws IOException {
    var settings =
        read(
            """
            database.uri: "postgresql://relay@localhost/app"
            broker: "%s"
            kafka: { bootstrap.servers: "localhost:9092", sasl.jaas.config: "${RELAY_NO_JAAS}" }
            rabbitmq: { uri: "amqp://localhost" }
            """
                .formatted(broker));
    var config = AppConfig.from(settings, BrokerProviders.found());
    assertThat(config.broker().summary()).startsWith("RabbitMQ at localhost");
    assertThat(config.observability().tracing().system()).isEqualTo("rabbitmq");
    assertThat(config.origin().passedOver()).containsExactly(new UnusedSection("kafka", List.of()));
  }

  @Test
  void checkTellsWhatIsWrongInTheSectionThatIsPassedOver() throws IOException {
    var settings =
        read(
            """
            database.uri: "postgresql://relay@localhost/app"
            broker: kafka
            kafka: { bootstrap.servers: "localhost:9092" }
            rabbitmq: { url: "amqp://localhost", heartbeat: often }
            """);
    var config = AppConfig.from(settings, BrokerProviders.found());
    assertThat(config.origin().passedOver().get(0).findings())
        .extracting(Finding::level, Finding::text)
        .containsExactly(
            tuple(
                Finding.Level.WARNING,
                "rabbitmq.heartbeat = \"often\" is not a duration; write 200ms, 5s, 5m, 24h or 7d; the"
                    + " section rabbitmq is not read, because the setting broker names another"
                    + " broker"),
            tuple(
                Finding.Level.WARNING,
                "rabbitmq.url is unknown; did you mean rabbitmq.uri?; the section rabbitmq is not"
                    + " read, because the setting broker names another broker"));
  }

  @Test
  void theEnvironmentMaySayEverything() {
    var variables =
        Map.of(
            "OUTBOX_RELAY_DATABASE_URI", "postgresql://relay@localhost/app",
            "OUTBOX_RELAY_BROKER", "Kafka",
            "OUTBOX_RELAY_KAFKA_BOOTSTRAP_SERVERS", "localhost:9092",
            "OUTBOX_RELAY_RABBITMQ_URI", "amqp://localhost");
    var settings = Settings.of(new Environment(variables, Map.of()));
    var config = AppConfig.from(settings, BrokerProviders.found());
    assertThat(StartupBanner.of(config))
        .contains("Kafka at localhost:9092", "no file is named with");
  }

  @Test
  void aWrongBrokerOfTheEnvironmentIsShown() {
    var variables =
        Map.of(
            "OUTBOX_RELAY_DATABASE_URI", "postgresql://relay@localhost/app",
            "OUTBOX_RELAY_BROKER", "kafak");
    var settings = Settings.of(new Environment(variables, Map.of()));
    assertThatThrownBy(() -> AppConfig.from(settings, BrokerProviders.found()))
        .hasMessageContaining(
            "broker = \"kafak\" (OUTBOX_RELAY_BROKER)   is none of the brokers found");
  }

  @Test
  void anUnknownBrokerListsThoseFound() {
    assertThatThrownBy(
            () ->
                AppConfig.from(
                    read(
                        """
                        database.uri: "postgresql://relay@localhost/app"
                        broker: pulsar
                        pulsar.uri: "pulsar://localhost"
                        """),
                    BrokerProviders.found()))
        .hasMessageContaining(
            "broker = \"pulsar\"   is none of the brokers found: kafka, rabbitmq");
  }

  @Test
  void aMistakeInTheYamlIsASentenceWithItsPlace() {
    assertUnreadable("a: 1\nb: [\nc: 2\n", "is not YAML in line 4");
    assertUnreadable("a:\n\tb: 1\n", "is not YAML in line 2, column 1: found character '\\t(TAB)'");
    assertUnreadable(
        "a: 1\nb: 2\na: 3\n", "is not YAML in line 3, column 1: found duplicate key a");
    assertUnreadable("a: { b: ${X} }\n", "; put values with ${...} into quotes");
    assertUnreadable("- a\n- b\n", "holds no settings; write lines such as broker: kafka");
    assertUnreadable("just words", "holds no settings");
  }

  @Test
  void aMistakeInTheYamlRepeatsNoPassword() {
    assertThatThrownBy(() -> read("database: { password: s3cret, uri: @s3cret }\n"))
        .isInstanceOf(ConfigFileException.class)
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void aFileThatIsNotThereIsASentence() {
    assertThatThrownBy(() -> ConfigFile.read(vertx, folder.resolve("none.yaml")).await())
        .isInstanceOf(ConfigFileException.class)
        .hasMessage(
            folder.resolve("none.yaml") + " is not there; name the configuration with -conf");
    assertThatThrownBy(() -> ConfigFile.read(vertx, folder).await())
        .hasMessageStartingWith(folder + " is not a file that can be read");
  }

  private void assertUnreadable(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(ConfigFileException.class)
        .hasMessageStartingWith(file() + " ")
        .hasMessageContaining(message);
  }

  private Settings read(String yaml) throws IOException {
    Files.writeString(file(), yaml);
    return ConfigFile.read(vertx, file()).await();
  }

  private Path file() {
    return folder.resolve("relay.yaml");
  }
}
