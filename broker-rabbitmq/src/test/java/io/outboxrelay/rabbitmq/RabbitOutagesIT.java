package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.PublishException.Fatal;
import io.outboxrelay.publish.PublishException.Retryable;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.FaultProxy.Direction;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** If the connection fails in any way, every event gets an outcome and the publisher goes on. */
class RabbitOutagesIT extends RabbitFixture {

  private FaultProxy proxy;
  private String queue;

  @BeforeEach
  void stepBetween() {
    proxy = FaultProxy.to(broker().host(), broker().port());
    queue = broker().newDestination();
  }

  @AfterEach
  void stepAside() {
    proxy.close();
  }

  @Test
  void unconfirmedEventsFailAsRetryableWhenTheConnectionIsLost() {
    var publisher = connectThroughProxy(Map.of());
    proxy.blackHole(Direction.TO_CLIENT);
    var unconfirmed = publishSome(publisher);

    proxy.heal();
    proxy.cut();

    assertThat(unconfirmed.stream().filter(this::ended)).hasSize(unconfirmed.size());
    await(publish(publisher, event(1_000, "order-1")));
  }

  @Test
  void aBrokerThatIsSilentIsGivenUpByItsHeartbeat() {
    var publisher = connectThroughProxy(Map.of("heartbeat", "1s"));
    proxy.blackHole(Direction.BOTH);

    var unconfirmed = publish(publisher, event(1, "order-1"));

    assertThat(failure(unconfirmed, Retryable.class)).hasMessageContaining("heartbeat");
    proxy.heal();
    await(publish(publisher, event(1, "order-1")));
  }

  @Test
  void aBrokerThatDoesNotConfirmIsGivenUpAfterAWhile() {
    var publisher = connectThroughProxy(Map.of("confirm-timeout", "500ms"));
    proxy.blackHole(Direction.TO_CLIENT);

    var unconfirmed = publish(publisher, event(1, "order-1"));

    assertThat(failure(unconfirmed, Retryable.class))
        .hasMessageContaining("rabbitmq.confirm-timeout");
    proxy.heal();
    await(publish(publisher, event(1, "order-1")));
  }

  /** The events exceed the buffers between client and broker, so the client blocks in a write. */
  @Test
  void aBrokerThatStopsReadingIsGivenUpToo() {
    var publisher = connectThroughProxy(Map.of("confirm-timeout", "2s"));
    proxy.blackHole(Direction.TO_SERVER);
    var large = Buffer.buffer(new byte[8 << 20]);

    var stuck = new ArrayList<Future<Void>>();
    for (int seq = 1; seq <= 8; seq++) {
      stuck.add(publish(publisher, event(seq, "order-" + seq, large)));
    }

    stuck.forEach(event -> failure(event, Retryable.class));
    proxy.heal();
    await(publish(publisher, event(9, "order-9")));
  }

  @Test
  void aRefusedConnectionFailsTheEventAndIsTriedAgainForTheNext() {
    var publisher = connectThroughProxy(Map.of());
    proxy.refuse();
    proxy.cut();

    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(failure(publish(publisher, event(1, "order-1")), Retryable.class))
                    .hasMessageContaining("no RabbitMQ at 127.0.0.1:" + proxy.port()));

    proxy.heal();
    await(publish(publisher, event(1, "order-1")));
  }

  @Test
  void aConnectionClosedByAnOperatorIsReplaced() {
    assumeTrue(broker().controllable(), broker().origin());
    var publisher = connectThroughProxy(Map.of());
    await(publish(publisher, event(1, "order-1")));

    broker().control("close_all_connections", "maintenance");

    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(ended(publish(publisher, event(2, "order-1")))).isTrue());
    await(publish(publisher, event(3, "order-1")));
  }

  @Test
  void publishingWaitsWhileTheBrokerIsShortOfMemory() {
    assumeTrue(broker().controllable(), broker().origin());
    var publisher = connectThroughProxy(Map.of("confirm-timeout", "1s"));
    List<Future<Void>> waiting;
    broker().control("set_vm_memory_high_watermark", "0.000001");
    try {
      waiting = new ArrayList<>(publishSome(publisher));
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> broker().control("list_connections", "state").contains("blocked"));
      waiting.addAll(publishSome(publisher));
      assertThat(waiting).noneMatch(Future::failed);
      assertThat(waiting.get(waiting.size() - 1).isComplete()).isFalse();
    } finally {
      broker().control("set_vm_memory_high_watermark", "absolute", "1GB");
    }

    waiting.forEach(this::await);
  }

  @Test
  void closingEndsWhatWaitsForMemory() {
    assumeTrue(broker().controllable(), broker().origin());
    var publisher = connectThroughProxy(Map.of());
    broker().control("set_vm_memory_high_watermark", "0.000001");
    try {
      var waiting = new ArrayList<>(publishSome(publisher));
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> broker().control("list_connections", "state").contains("blocked"));
      waiting.addAll(publishSome(publisher));

      await(onContext(publisher::close));

      assertThat(waiting).allMatch(Future::isComplete);
      failure(waiting.get(waiting.size() - 1), Retryable.class);
    } finally {
      broker().control("set_vm_memory_high_watermark", "absolute", "1GB");
    }
  }

  @Test
  void aWrongPasswordIsFatal() {
    var connecting =
        connecting(destinationSetting(queue), Map.of("username", "relay", "password", "hunter2"));

    assertThatThrownBy(() -> await(connecting))
        .isInstanceOf(Fatal.class)
        .hasMessageContaining("refuses the user relay")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aVirtualHostThatIsNotThereIsFatal() {
    var connecting = connecting(destinationSetting(queue), Map.of("virtual-host", "nowhere"));

    assertThatThrownBy(() -> await(connecting))
        .isInstanceOf(Fatal.class)
        .hasMessageContaining("nowhere");
  }

  private Publisher connectThroughProxy(Map<String, Object> more) {
    return connect(
        destinationSetting(queue), Map.of("uri", "amqp://127.0.0.1:" + proxy.port()), more);
  }

  private List<Future<Void>> publishSome(Publisher publisher) {
    return Events.interleaved(100, 100).stream().map(event -> publish(publisher, event)).toList();
  }

  /** Waits for the outcome; returns true if it is a success or a retryable failure. */
  private boolean ended(Future<Void> published) {
    var failure = await(published.transform(result -> Future.succeededFuture(result.cause())));
    return failure == null || failure instanceof Retryable;
  }
}
