package io.outboxrelay.testkit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The settings of a single Kafka node that is both broker and controller. */
final class KafkaProperties {
  private KafkaProperties() {}

  /**
   * @param bind the address to listen on
   * @param fast true for a broker that is tuned for speed
   * @param keyStore the PEM file with the key and certificate for TLS
   */
  static Map<String, String> of(String bind, KafkaPorts ports, String keyStore, boolean fast) {
    var properties = new LinkedHashMap<String, String>();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + ports.controller());
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("inter.broker.listener.name", "PLAINTEXT");
    properties.put(
        "listeners", listeners(bind, ports) + ",CONTROLLER://127.0.0.1:" + ports.controller());
    properties.put("advertised.listeners", listeners("127.0.0.1", ports));
    properties.put(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("ssl.keystore.type", "PEM");
    properties.put("ssl.keystore.location", keyStore);
    properties.put("sasl.enabled.mechanisms", "PLAIN");
    properties.put(
        "listener.name.sasl_plaintext.plain.sasl.jaas.config", KafkaServer.Builder.users());
    properties.putAll(aloneInTheCluster());
    // Retention is off, because Kafka compares it with the timestamps of records, which in a test
    // can be in any year.
    properties.put("log.retention.ms", "-1");
    properties.putAll(fast ? forLoad() : forTests());
    return properties;
  }

  /**
   * Changes the settings to those of a broker without a controller, in the cluster of {@code
   * controller}.
   */
  static void join(Map<String, String> properties, KafkaPorts controller) {
    properties.put("process.roles", "broker");
    properties.put("node.id", "2");
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controller.controller());
    properties.put("listeners", String.valueOf(properties.get("advertised.listeners")));
  }

  private static String listeners(String host, KafkaPorts ports) {
    return "PLAINTEXT://%1$s:%2$d,SSL://%1$s:%3$d,SASL_PLAINTEXT://%1$s:%4$d"
        .formatted(host, ports.plain(), ports.tls(), ports.password());
  }

  /** Returns the settings as the text of a properties file. */
  static String text(Map<String, String> properties) {
    return properties.entrySet().stream()
        .map(line -> line.getKey() + "=" + line.getValue())
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static Map<String, String> aloneInTheCluster() {
    var properties = new LinkedHashMap<String, String>();
    for (var topic : new String[] {"offsets.topic", "transaction.state.log"}) {
      properties.put(topic + ".replication.factor", "1");
      properties.put(topic + ".num.partitions", "1");
    }
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.num.partitions", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("group.initial.rebalance.delay.ms", "0");
    // After kill -9, the controller considers the broker alive until this time has passed.
    properties.put("broker.session.timeout.ms", "1500");
    properties.put("broker.heartbeat.interval.ms", "300");
    return properties;
  }

  private static Map<String, String> forTests() {
    return Map.of(
        "num.network.threads", "2",
        "num.io.threads", "2",
        "log.segment.bytes", "16777216",
        "log.cleaner.enable", "false");
  }

  private static Map<String, String> forLoad() {
    return Map.of(
        "num.network.threads", "3",
        "num.io.threads", "4",
        "log.segment.bytes", "268435456",
        "log.cleaner.enable", "false",
        // The time is long, because the only broker must not be excluded from the cluster if load
        // delays its heartbeat.
        "broker.session.timeout.ms", "9000");
  }
}
