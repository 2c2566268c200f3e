package io.outboxrelay.debezium;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Translates the configuration of Debezium Server, or of a connector for Kafka Connect, with the
 * outbox event router.
 */
public final class DebeziumImport {
  private static final String ROUTER = "io.debezium.transforms.outbox.EventRouter";
  private static final String CONNECTOR = "io.debezium.connector.postgresql.PostgresConnector";

  /**
   * The reasons why the relay does not need a property, by the beginning of the property's name.
   */
  private static final Map<String, String> NOT_NEEDED = new LinkedHashMap<>();

  static {
    notNeeded(
        "the relay keeps its position in the database by itself",
        "plugin.name",
        "slot.",
        "publication.",
        "offset.",
        "snapshot.",
        "heartbeat.",
        "status.update.interval.ms");
    notNeeded("it is about running Debezium itself", "name", "tasks.max", "quarkus.");
    notNeeded(
        "the relay has its own settings for reading, with defaults that fit",
        "poll.interval.ms",
        "max.batch.size",
        "max.queue.size");
    notNeeded("the router's options alone decide the topics", "topic.creation.", "topic.naming.");
    notNeeded(
        "the relay keeps no history of the table's columns",
        "schema.history.",
        "database.history.");
    notNeeded("the relay reads inserted rows only", "skipped.operations", "tombstones.on.delete");
  }

  private static void notNeeded(String reason, String... beginnings) {
    for (String beginning : beginnings) {
      NOT_NEEDED.put(beginning, reason);
    }
  }

  private final DebeziumProperties properties;
  private final ImportedConfig config = new ImportedConfig();
  private final boolean isServer;

  private DebeziumImport(DebeziumProperties properties) {
    this.properties = properties;
    this.isServer = properties.hasAny("debezium.");
  }

  /**
   * Translates a file of properties, or the JSON of a connector.
   *
   * @throws IllegalArgumentException if the text does not configure the outbox event router with
   *     PostgreSQL and a known sink; the message is a phrase that continues the file's name
   */
  public static ImportedConfig of(String text) {
    return new DebeziumImport(DebeziumProperties.parse(text)).translated();
  }

  private ImportedConfig translated() {
    var connector = requireConnector();
    String router = router();
    String source = isServer ? "debezium.source." : "";
    new DatabaseImport(properties, config, source).run();
    String broker = broker();
    config.set("broker", broker);
    var topic = new RouterImport(properties, config, router).run();
    if (broker.equals("kafka")) {
      String producer = isServer ? "debezium.sink.kafka.producer." : "producer.override.";
      new KafkaImport(properties, config).run(topic, producer);
    } else {
      new RabbitImport(properties, config).run(topic);
    }
    new ConverterImport(properties, config, isServer).run(connector);
    rest(source);
    return config;
  }

  private DebeziumProperties.Property requireConnector() {
    String name = (isServer ? "debezium.source." : "") + "connector.class";
    String connector = properties.text(name).orElse("");
    if (!connector.equals(CONNECTOR)) {
      throw new IllegalArgumentException(
          connector.isEmpty()
              ? "has no " + name + ", so it is no configuration of Debezium"
              : "is for %s, and the relay reads PostgreSQL only".formatted(connector));
    }
    return properties.take(name).orElseThrow();
  }

  /** Returns the beginning of the names of the router's options. */
  private String router() {
    String transforms = (isServer ? "debezium." : "") + "transforms";
    var aliases =
        Stream.of(properties.text(transforms).orElse("").split(","))
            .map(String::strip)
            .filter(alias -> !alias.isEmpty())
            .toList();
    String router = null;
    for (String alias : aliases) {
      String prefix = transforms + "." + alias + ".";
      if (properties.text(prefix + "type").filter(ROUTER::equals).isPresent()) {
        router = prefix;
      }
    }
    if (router == null) {
      throw new IllegalArgumentException(
          "has no transformation of the type " + ROUTER + " in " + transforms);
    }
    properties.take(transforms);
    properties.take(router + "type");
    for (String alias : aliases) {
      String prefix = transforms + "." + alias + ".";
      if (!prefix.equals(router)) {
        properties
            .takeAll(prefix)
            .forEach(
                other ->
                    config.noCounterpart(
                        other, "the relay has no transformations besides the router"));
      }
    }
    return router;
  }

  private String broker() {
    if (!isServer) {
      return "kafka";
    }
    String type =
        properties.take("debezium.sink.type").map(DebeziumProperties.Property::value).orElse("");
    if (!type.equals("kafka") && !type.equals("rabbitmq")) {
      throw new IllegalArgumentException(
          "has the sink \"%s\", and the relay publishes to kafka and rabbitmq".formatted(type));
    }
    return type;
  }

  private void rest(String source) {
    for (var property : properties.rest()) {
      String name =
          property.name().startsWith(source)
              ? property.name().substring(source.length())
              : property.name();
      NOT_NEEDED.entrySet().stream()
          .filter(known -> name.startsWith(known.getKey()))
          .map(Map.Entry::getValue)
          .findFirst()
          .ifPresentOrElse(
              reason -> config.notNeeded(property, reason),
              () -> config.noCounterpart(property, "this command does not know it"));
    }
  }
}
