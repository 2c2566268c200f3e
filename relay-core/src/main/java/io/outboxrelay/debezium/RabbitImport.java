package io.outboxrelay.debezium;

import io.outboxrelay.debezium.DebeziumProperties.Property;
import java.util.Map;
import java.util.Optional;

/** Translates the properties of Debezium Server's sink for RabbitMQ. */
final class RabbitImport {
  private static final String PREFIX = "debezium.sink.rabbitmq.";

  private final DebeziumProperties properties;
  private final ImportedConfig config;

  RabbitImport(DebeziumProperties properties, ImportedConfig config) {
    this.properties = properties;
    this.config = config;
  }

  void run(ImportedTopic topic) {
    connection();
    routing(topic);
    take("ackTimeout")
        .ifPresent(millis -> config.set("rabbitmq.confirm-timeout", millis.value() + "ms"));
    take("deliveryMode")
        .ifPresent(mode -> config.notNeeded(mode, "every message is persistent (2)"));
    take("null.value")
        .ifPresent(
            value ->
                config.changed(
                    value, "a null payload is an empty body with the header event-tombstone"));
    for (String name : new String[] {"autoCreateRoutingKey", "routingKeyDurable"}) {
      take(name)
          .ifPresent(
              option ->
                  config.noCounterpart(
                      option, "the relay declares no queues: declare them before it starts"));
    }
  }

  private void connection() {
    String host = take("connection.host").map(Property::value).orElse("localhost");
    String port = take("connection.port").map(Property::value).orElse("5672");
    boolean encrypts =
        take("connection.ssl.enabled").map(Property::value).orElse("").equals("true");
    config.set("rabbitmq.uri", "%s://%s:%s".formatted(encrypts ? "amqps" : "amqp", host, port));
    Map.of("username", "username", "virtual.host", "virtual-host")
        .forEach(
            (theirs, ours) ->
                take("connection." + theirs)
                    .ifPresent(found -> config.set("rabbitmq." + ours, found.value())));
    take("connection.password")
        .ifPresent(
            password -> {
              config.set("rabbitmq.password", "${RELAY_RABBITMQ_PASSWORD}");
              config.changed(
                  password, "is not copied: set RELAY_RABBITMQ_PASSWORD in the environment");
            });
    properties
        .takeAll(PREFIX + "connection.")
        .forEach(
            other ->
                config.noCounterpart(
                    other, "see rabbitmq.properties.* and rabbitmq.tls.* in conf/rabbitmq.yaml"));
  }

  private void routing(ImportedTopic topic) {
    var exchange = take("exchange").map(Property::value).filter(name -> !name.isEmpty());
    exchange.ifPresentOrElse(
        name -> config.set("rabbitmq.exchange", name),
        () -> topic.write(config, "rabbitmq.exchange"));
    String key = take("routingKey").map(Property::value).orElse("");
    String source = take("routingKey.source").map(Property::value).orElse("static");
    boolean isByTopic =
        take("routingKeyFromTopicName").map(Property::value).filter("true"::equals).isPresent();
    switch (isByTopic ? "topic" : source) {
      case "topic" -> topic.write(config, "rabbitmq.routing-key");
      case "key" -> config.set("rabbitmq.routing-key", "${aggregate_id}");
      default -> config.set("rabbitmq.routing-key", key);
    }
  }

  private Optional<Property> take(String name) {
    return properties.take(PREFIX + name);
  }
}
