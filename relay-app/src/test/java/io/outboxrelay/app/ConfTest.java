package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.outboxrelay.admin.AdminConfig;
import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.settings.Environment;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.settings.SettingDescriptor;
import io.outboxrelay.settings.SettingProblem;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.tracing.TracingConfig;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files in conf are complete, and what they say of defaults is true. */
class ConfTest {
  private static final Map<String, String> PASSWORD = Map.of("RELAY_DB_PASSWORD", "pw");

  /** Settings that RabbitMQ reads with TLS only. */
  private static final Map<String, String> ENCRYPTED =
      Map.of("outbox-relay.rabbitmq.uri", "amqps://localhost");

  private static Vertx vertx;

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void closeVertx() {
    vertx.close().await();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kafka", "rabbitmq"})
  void runsAsItIs(String broker) throws IOException {
    var settings = Settings.of(broker, parse(text(broker)), new Environment(PASSWORD, Map.of()));
    assertThatCode(() -> AppConfig.from(settings, BrokerProviders.found()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kafka", "rabbitmq"})
  void showsEverySettingAndNoOther(String broker) throws IOException {
    var shown = parse(complete(broker));
    var settings = read(broker, shown);
    assertThat(settings.known())
        .extracting(SettingDescriptor::key)
        .isSubsetOf(flat("", shown).keySet());
    assertThat(problems(settings))
        .extracting(SettingProblem::message)
        .noneMatch(message -> message.startsWith("is unknown"))
        .noneMatch(message -> message.startsWith("is there twice"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kafka", "rabbitmq"})
  void showsTheDefaults(String broker) throws IOException {
    var shown = parse(complete(broker));
    var flat = flat("", shown);
    assertThat(read(broker, shown).known())
        .filteredOn(known -> !known.orElse().isEmpty())
        .hasSizeGreaterThan(20)
        .allSatisfy(known -> assertThat(flat).containsEntry(known.key(), known.orElse()));
  }

  private static Settings read(String broker, Map<String, Object> shown) {
    var overrides = broker.equals("rabbitmq") ? ENCRYPTED : Map.<String, String>of();
    var settings = Settings.of(broker, shown, new Environment(PASSWORD, overrides));
    DatabaseConfig.from(settings);
    RelayConfig.from(settings);
    BrokerProviders.found().configure(settings);
    AdminConfig.from(settings);
    TracingConfig.from(settings);
    LoggingSetup.from(settings);
    return settings;
  }

  private static List<SettingProblem> problems(Settings settings) {
    try {
      settings.verify();
      return List.of();
    } catch (InvalidSettingsException e) {
      return e.problems();
    }
  }

  private static String text(String broker) throws IOException {
    return Files.readString(Path.of("..", "conf", broker + ".yaml"));
  }

  /**
   * Returns the file with the settings that are commented out switched on: a # is right before
   * each.
   */
  private static String complete(String broker) throws IOException {
    return text(broker).replaceAll("(?m)^#(?=[a-z])", "");
  }

  private static Map<String, Object> parse(String yaml) {
    return new YamlProcessor()
        .process(vertx, new JsonObject(), Buffer.buffer(yaml))
        .map(JsonObject::getMap)
        .await();
  }

  private static Map<String, String> flat(String prefix, Map<?, ?> nested) {
    var flat = new TreeMap<String, String>();
    nested.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> section) {
            flat.putAll(flat(prefix + key + ".", section));
          } else {
            flat.put(prefix + key, String.valueOf(value));
          }
        });
    return flat;
  }
}
