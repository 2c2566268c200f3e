package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.Address;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Template;
import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.Settings;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The section {@code rabbitmq}.
 *
 * @param exchange the template of an event's exchange; empty means the default exchange, which uses
 *     the routing key as the name of a queue
 * @param exchangeHeader the event header that overrides the exchange, if the event has it
 * @param routingKey by default the event type, so that a queue can be bound to the types it needs;
 *     {@code ${aggregate_id}} suits an exchange that spreads aggregates over queues
 * @param routingKeyHeader the event header that overrides the routing key, if the event has it
 * @param contentType the content type of every payload; if empty, the column's type decides
 * @param confirmTimeout how long to wait for a confirm before the connection is closed
 * @param maxMessageSize the largest payload to publish, in bytes; a broker that gets a larger
 *     message than it accepts closes the channel, and all unconfirmed events fail. The default is
 *     RabbitMQ's limit since 4.0
 */
record RabbitConfig(
    RabbitUri uri,
    String username,
    Secret password,
    String virtualHost,
    Template exchange,
    Optional<String> exchangeHeader,
    Template routingKey,
    Optional<String> routingKeyHeader,
    Optional<String> contentType,
    Duration connectionTimeout,
    Duration heartbeat,
    Duration confirmTimeout,
    long maxMessageSize,
    Optional<RabbitTls> tls,
    ClientProperties properties) {

  private static final String GUEST = "guest";

  static RabbitConfig from(Settings in) {
    var uri = in.parsed("uri", RabbitUri::parse, RabbitUri.DEFAULT);
    var username = in.optionalText("username");
    var password = in.secret("password");
    var virtualHost = in.optionalText("virtual-host");
    var config =
        new RabbitConfig(
            uri,
            username.or(uri::username).orElse(GUEST),
            password.or(uri::password).orElse(new Secret(GUEST)),
            virtualHost.or(uri::virtualHost).orElse("/"),
            in.template("exchange", Template::parse, "${aggregate_type}.events"),
            in.optionalText("exchange-header"),
            in.template("routing-key", Template::parse, "${event_type}"),
            in.optionalText("routing-key-header"),
            in.optionalText("content-type"),
            in.duration("connection-timeout", Duration.ofSeconds(10)),
            in.duration("heartbeat", Duration.ofSeconds(10)),
            in.duration("confirm-timeout", Duration.ofMinutes(1)),
            in.size("max-message-size", 16 << 20),
            tls(in.section("tls"), uri),
            ClientProperties.from(in.section("properties")));
    once(in, "username", username, uri.username());
    once(in, "password", password, uri.password());
    once(in, "virtual-host", virtualHost, uri.virtualHost());
    boolean named = username.isPresent() || uri.username().isPresent();
    boolean secured = password.isPresent() || uri.password().isPresent();
    in.require(!named || secured, "password", "is missing beside username");
    config.check(in);
    return config;
  }

  private static Optional<RabbitTls> tls(Settings in, RabbitUri uri) {
    if (uri.encrypted()) {
      return Optional.of(RabbitTls.from(in));
    }
    in.refuse("is read with amqps:// in rabbitmq.uri only");
    return Optional.empty();
  }

  private static void once(Settings in, String key, Optional<?> here, Optional<?> inUri) {
    in.require(here.isEmpty() || inUri.isEmpty(), key, "stands in rabbitmq.uri too; write it once");
  }

  private void check(Settings in) {
    positive(in, "connection-timeout", connectionTimeout);
    positive(in, "confirm-timeout", confirmTimeout);
    in.require(
        heartbeat.toMillis() % 1000 == 0
            && heartbeat.toSeconds() >= 1
            && heartbeat.toSeconds() <= 65_535,
        "heartbeat",
        "must be whole seconds, at least 1s and at most 65535s");
    in.require(
        maxMessageSize >= 1 && maxMessageSize <= Integer.MAX_VALUE,
        "max-message-size",
        "must be at least 1B and less than 2GiB");
  }

  private static void positive(Settings in, String key, Duration duration) {
    in.require(
        duration.toMillis() >= 1 && duration.toMillis() <= Integer.MAX_VALUE,
        key,
        "must be at least 1ms and at most 24d");
  }

  /**
   * Returns a copy that sends every event to {@code destination}: an exchange with a routing key,
   * or a queue, which is reached through the default exchange. Both may be templates.
   *
   * @throws IllegalArgumentException if {@code destination} names neither
   */
  RabbitConfig redirectedTo(String destination) {
    int slash = destination.indexOf('/');
    String name = destination.substring(slash + 1);
    if (slash < 1 && name.isEmpty()) {
      throw new IllegalArgumentException(
          "names neither a queue nor an exchange; write QUEUE or EXCHANGE/ROUTING-KEY");
    }
    return new RabbitConfig(
        uri,
        username,
        password,
        virtualHost,
        Template.parse(destination.substring(0, Math.max(0, slash))),
        Optional.empty(),
        Template.parse(name),
        Optional.empty(),
        contentType,
        connectionTimeout,
        heartbeat,
        confirmTimeout,
        maxMessageSize,
        tls,
        properties);
  }

  /** Returns the nodes, which also name the broker in messages. */
  String address() {
    return uri.addresses().stream().map(Address::toString).collect(Collectors.joining(","));
  }

  /**
   * Returns the exchange of one event.
   *
   * @throws io.outboxrelay.publish.PublishException.Rejected if the event lacks a header that the
   *     template names
   */
  String exchangeOf(OutboxEvent event) {
    return explicit(exchangeHeader, event).orElseGet(() -> exchange.of(event));
  }

  /** Returns the routing key of one event; throws as {@link #exchangeOf} does. */
  String routingKeyOf(OutboxEvent event) {
    return explicit(routingKeyHeader, event).orElseGet(() -> routingKey.of(event));
  }

  private static Optional<String> explicit(Optional<String> header, OutboxEvent event) {
    return header.map(event.headers()::get);
  }

  String contentTypeOf(OutboxEvent event) {
    return contentType.orElseGet(event::contentType);
  }

  /** Returns the exchange of every event; empty if the exchange depends on the event. */
  Optional<String> onlyExchange() {
    return exchange.isConstant() && exchangeHeader.isEmpty()
        ? Optional.of(exchange.toString())
        : Optional.empty();
  }
}
