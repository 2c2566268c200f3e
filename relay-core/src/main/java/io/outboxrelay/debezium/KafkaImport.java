package io.outboxrelay.debezium;

import java.util.Locale;
import java.util.Set;

/** Translates the properties of a Kafka producer. */
final class KafkaImport {
  private static final Set<String> INSISTED_ON =
      Set.of(
          "key.serializer",
          "value.serializer",
          "acks",
          "enable.idempotence",
          "max.in.flight.requests.per.connection",
          "retries");

  private final DebeziumProperties properties;
  private final ImportedConfig config;

  KafkaImport(DebeziumProperties properties, ImportedConfig config) {
    this.properties = properties;
    this.config = config;
  }

  /**
   * @param prefix the beginning of the names of the producer's properties
   */
  void run(ImportedTopic topic, String prefix) {
    config.set("kafka.bootstrap.servers", "${KAFKA_BOOTSTRAP_SERVERS}");
    topic.write(config, "kafka.topic");
    config.set("kafka.timestamp", "publish");
    for (var property : properties.takeAll(prefix)) {
      String name = property.name().substring(prefix.length());
      if (INSISTED_ON.contains(name)) {
        config.notNeeded(property, "the relay sets it so that no event is lost or reordered");
      } else if (isSecret(name)) {
        String variable = "KAFKA_" + name.toUpperCase(Locale.ROOT).replace('.', '_');
        config.set("kafka." + name, "${" + variable + "}");
        config.changed(property, "is not copied: set " + variable + " in the environment");
      } else {
        config.set("kafka." + name, property.value());
      }
    }
    properties
        .take("debezium.sink.kafka.wait.message.delivery.timeout.ms")
        .ifPresent(
            option -> config.notNeeded(option, "the relay waits for a confirm without a limit"));
  }

  private static boolean isSecret(String name) {
    return name.contains("password") || name.equals("sasl.jaas.config") || name.endsWith(".key");
  }
}
