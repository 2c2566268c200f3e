package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.BuiltinExchangeType;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.AccessDenied;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.testkit.FaultProxy;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** If a permission is missing for a while, no event is rejected and no other event is delayed. */
class RabbitPermissionsIT extends RabbitFixture {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String NOTHING = "^$";

  private final String user = fresh("user");
  private final AtomicLong sequence = new AtomicLong();
  private FaultProxy proxy;
  private String queue;
  private String exchange;

  @BeforeEach
  void declare() throws Exception {
    proxy = FaultProxy.to(broker().host(), broker().port());
    broker().control("add_user", user, "secret");
    queue = broker().newDestination();
    exchange = newExchange(BuiltinExchangeType.TOPIC);
    channel.queueBind(queue, exchange, "#");
  }

  @AfterEach
  void removeTheUser() {
    broker().control("delete_user", user);
    proxy.close();
  }

  /** The user has the permissions of docs/operations.md: no configure, no read, write exchanges. */
  @Test
  void writingTheExchangesIsAllThatTheRelayNeeds() {
    permitWriting("^" + exchange + "$");
    var publisher = connect(BY_HEADERS, login());

    await(publish(publisher, event(1, "order-1", to(exchange, "k"))));

    var findings =
        await(
            onContext(
                () ->
                    configure(BY_HEADERS, login())
                        .check(vertx, List.of(event(2, "order-1", to(exchange, "k"))))));
    assertThat(findings).extracting(Finding::level).containsOnly(Finding.Level.OK);
  }

  @Test
  void theDefaultExchangeIsPermittedByItsOwnName() {
    permitWriting("^amq\\.default$");
    var publisher = connect(BY_HEADERS, login());

    await(publish(publisher, event(1, "order-1", to("", queue))));
    var refused = publish(publisher, event(2, "order-2", to(exchange, "k")));

    assertThat(failure(refused, AccessDenied.class)).hasMessageContaining(exchange);
  }

  @Test
  void anEventWaitsWhileThePermissionIsTakenAway() {
    permitWriting(".*");
    var publisher = connect(BY_HEADERS, login());
    await(publish(publisher, event(sequence.incrementAndGet(), "order-1", to(exchange, "k"))));

    permitWriting("^amq\\.default$");
    proxy.cut();
    var waiting = event(sequence.incrementAndGet(), "order-1", to(exchange, "k"));
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(failure(publish(publisher, waiting), AccessDenied.class))
                    .hasMessageContaining("does not permit it")
                    .hasMessageContaining(exchange)
                    .hasMessageContaining(user)
                    .hasMessageContaining("set_permissions"));

    permitWriting(".*");
    Awaitility.await().atMost(PATIENCE).until(() -> isConfirmed(publisher, waiting));
  }

  /**
   * The broker closes the channel when it refuses a message. Only the first refusal may make other
   * events fail.
   */
  @Test
  void othersArriveOnceWhileOneAddressIsRefused() throws Exception {
    String refused = newExchange(BuiltinExchangeType.FANOUT);
    permitWriting("^(amq\\.default|" + exchange + ")$");
    var publisher = connect(BY_HEADERS, login());
    var waiting = event(sequence.incrementAndGet(), "order-0", to(refused, "k"));
    failure(publish(publisher, waiting), AccessDenied.class);

    int others = 500;
    var published = new ArrayList<Future<Void>>();
    for (int i = 1; i <= others; i++) {
      published.add(
          publish(publisher, event(sequence.incrementAndGet(), "order-" + i, to(exchange, "k"))));
      if (i % 10 == 0) {
        failure(publish(publisher, waiting), AccessDenied.class);
      }
    }

    published.forEach(this::await);
    assertThat(consume(queue, others)).hasSize(others);
    assertThat(broker().consume(queue, others + 1, Duration.ofMillis(500))).hasSize(others);
  }

  @Test
  void aTopicPermissionRefusesItsRoutingKeysOnly() {
    permitWriting(".*");
    broker().control("set_topic_permissions", "-p", "/", user, exchange, "^order\\.", ".*");
    var publisher = connect(BY_HEADERS, login());

    var denied = event(sequence.incrementAndGet(), "order-1", to(exchange, "invoice.paid"));
    assertThat(failure(publish(publisher, denied), AccessDenied.class))
        .hasMessageContaining("invoice.paid");
    await(
        publish(publisher, event(sequence.incrementAndGet(), "order-2", to(exchange, "order.a"))));

    broker().control("clear_topic_permissions", "-p", "/", user, exchange);
    Awaitility.await().atMost(PATIENCE).until(() -> isConfirmed(publisher, denied));
  }

  private boolean isConfirmed(Publisher publisher, OutboxEvent event) {
    return await(publish(publisher, event).map(true).recover(no -> Future.succeededFuture(false)));
  }

  private void permitWriting(String exchanges) {
    broker().control("set_permissions", user, NOTHING, exchanges, NOTHING);
  }

  private Map<String, Object> login() {
    return Map.of(
        "uri", "amqp://127.0.0.1:" + proxy.port(), "username", user, "password", "secret");
  }
}
