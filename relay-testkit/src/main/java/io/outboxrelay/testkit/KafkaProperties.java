package io.outboxrelay.testkit;

import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of a single Kafka node that is broker and controller. */
final class KafkaProperties {
  private KafkaProperties() {}

  /**
   * @param bind the address to listen on
   * @param port to listen on for clients
   * @param controllerPort to listen on for itself
   * @param advertised where clients are told to connect
   */
  static Map<String, String> of(
      String bind, int port, int controllerPort, String advertised, boolean fast) {
    var properties = new LinkedHashMap<String, String>();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put(
        "listeners",
        "PLAINTEXT://%s:%d,CONTROLLER://127.0.0.1:%d".formatted(bind, port, controllerPort));
    properties.put("advertised.listeners", "PLAINTEXT://" + advertised);
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    properties.putAll(aloneInTheCluster());
    properties.putAll(fast ? forLoad() : forTests());
    return properties;
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
    // After kill -9 the controller believes in the dead broker until these are over.
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
        // A heartbeat delayed by load must not fence the only broker.
        "broker.session.timeout.ms", "9000");
  }
}
