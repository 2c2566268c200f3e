package io.outboxrelay.testkit;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.testcontainers.containers.GenericContainer;

/** Runs Kafka in a container of the official image. */
final class KafkaContainer {
  private static final int PORT = 9092;
  private static final String VERSION = "4.2.0";

  private KafkaContainer() {}

  static KafkaServer start(Map<String, String> settings, boolean fast) {
    int port = Ports.free();
    var bootstrap = "127.0.0.1:" + port;
    var properties = KafkaProperties.of("0.0.0.0", PORT, 9093, bootstrap, fast);
    properties.putAll(settings);
    var container =
        new GenericContainer<>("apache/kafka:" + VERSION)
            .withEnv(variables(properties))
            .withEnv("KAFKA_HEAP_OPTS", fast ? "-Xms1g -Xmx1g" : "-Xms128m -Xmx320m");
    var runner = new ContainerRunner(container, port, PORT, Workspace.create("kafka"));
    runner.start();
    return new KafkaServer(runner, bootstrap, "Kafka " + VERSION);
  }

  /** The image makes {@code KAFKA_NODE_ID} the line {@code node.id} of server.properties. */
  private static Map<String, String> variables(Map<String, String> properties) {
    return properties.entrySet().stream()
        .collect(
            Collectors.toMap(
                line -> "KAFKA_" + line.getKey().toUpperCase(Locale.ROOT).replace('.', '_'),
                Map.Entry::getValue));
  }
}
