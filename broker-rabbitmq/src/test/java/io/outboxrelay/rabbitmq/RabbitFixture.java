package io.outboxrelay.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.PublisherFixture;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.testkit.RabbitServer;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Publishers to a real RabbitMQ, and a channel with which tests declare exchanges and queues. */
abstract class RabbitFixture extends PublisherFixture {
  /** The settings with which an event's headers name its exchange and its routing key. */
  static final Map<String, Object> BY_HEADERS =
      Map.of("exchange", "${headers.exchange}", "routing-key", "${headers.key}");

  private Connection connection;
  Channel channel;

  @Override
  protected RabbitServer broker() {
    return RabbitServer.shared();
  }

  @Override
  protected PublisherProvider provider() {
    return new RabbitPublisherProvider();
  }

  @Override
  protected Map<String, Object> destinationSetting(String template) {
    return Map.of("exchange", "", "routing-key", template);
  }

  @BeforeEach
  void openChannel() throws Exception {
    var factory = new ConnectionFactory();
    factory.setUri(String.valueOf(broker().settings().get("uri")));
    factory.setAutomaticRecoveryEnabled(false);
    connection = factory.newConnection();
    channel = connection.createChannel();
  }

  @AfterEach
  void closeChannel() {
    connection.abort(1_000);
  }

  static String fresh(String kind) {
    return kind + "-" + UUID.randomUUID();
  }

  String newExchange(BuiltinExchangeType type) throws Exception {
    String exchange = fresh("exchange");
    channel.exchangeDeclare(exchange, type, true);
    return exchange;
  }

  static Map<String, String> to(String exchange, String key) {
    return Map.of("exchange", exchange, "key", key);
  }

  <E extends PublishException> E failure(Future<Void> published, Class<E> type) {
    var failure = await(published.transform(result -> Future.succeededFuture(result.cause())));
    assertThat(failure).isInstanceOf(type);
    return type.cast(failure);
  }

  static Set<Long> sequences(Iterable<OutboxEvent> events) {
    var sequences = new TreeSet<Long>();
    events.forEach(event -> sequences.add(event.seq()));
    return sequences;
  }
}
