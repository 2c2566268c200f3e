package io.outboxrelay.example;

import com.rabbitmq.client.BasicProperties;
import io.outboxrelay.inbox.InboxMessage;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.rabbitmq.QueueOptions;
import io.vertx.rabbitmq.RabbitMQClient;
import io.vertx.rabbitmq.RabbitMQMessage;
import io.vertx.rabbitmq.RabbitMQOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events from a RabbitMQ queue. Messages that arrive while a batch is handled form the next batch.
 *
 * <p>Everything runs on one event loop.
 */
final class RabbitSource implements EventSource {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitSource.class);
  private static final int UNACKNOWLEDGED = 500;
  private static final long PAUSE_MILLIS = 1_000;

  private final Vertx vertx;
  private final Context context;
  private final RabbitMQClient client;
  private final String queue;
  private Function<List<InboxMessage<EmployeeEvent>>, Future<?>> handler =
      batch -> Future.succeededFuture();
  private List<RabbitMQMessage> waiting = new ArrayList<>();
  private int connections;
  private boolean busy;

  RabbitSource(Vertx vertx, String uri, String queue) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.queue = queue;
    this.client =
        RabbitMQClient.create(
            vertx,
            new RabbitMQOptions()
                .setUri(uri)
                .setAutomaticRecoveryEnabled(false)
                .setReconnectAttempts(Integer.MAX_VALUE)
                .setReconnectInterval(PAUSE_MILLIS));
  }

  @Override
  public Future<Void> start(Function<List<InboxMessage<EmployeeEvent>>, Future<?>> handler) {
    this.handler = handler;
    client.addConnectionEstablishedCallback(
        established -> context.runOnContext(ready -> connected(established)));
    return client.start().compose(started -> consume());
  }

  private Future<Void> consume() {
    return client
        .basicConsumer(
            queue, new QueueOptions().setAutoAck(false).setMaxInternalQueueSize(UNACKNOWLEDGED))
        .onSuccess(consumer -> consumer.handler(this::arrived).endHandler(end -> consumeAgain()))
        .mapEmpty();
  }

  /**
   * Subscribes again after the broker has cancelled the consumer, for example because the queue
   * moved to another node; the connection stays open.
   */
  private void consumeAgain() {
    LOG.warn("the broker has cancelled the consumer of queue {}; it subscribes again", queue);
    vertx.timer(PAUSE_MILLIS).compose(fired -> consume()).onFailure(failure -> consumeAgain());
  }

  /** Drops the waiting messages of the old connection, because the broker delivers them again. */
  private void connected(Promise<Void> established) {
    connections++;
    waiting = new ArrayList<>();
    client.basicQos(UNACKNOWLEDGED).onComplete(established);
  }

  private void arrived(RabbitMQMessage message) {
    waiting.add(message);
    handleWaiting();
  }

  private void handleWaiting() {
    if (busy || waiting.isEmpty()) {
      return;
    }
    busy = true;
    var batch = waiting;
    int connection = connections;
    waiting = new ArrayList<>();
    handle(batch)
        .compose(handled -> acknowledge(batch, connection))
        .onComplete(done -> goOn(), failure -> again(batch, connection, failure));
  }

  private Future<?> handle(List<RabbitMQMessage> batch) {
    return Future.succeededFuture(batch)
        .map(messages -> messages.stream().map(RabbitSource::received).toList())
        .compose(handler::apply);
  }

  private static InboxMessage<EmployeeEvent> received(RabbitMQMessage message) {
    return EmployeeEvent.received(message.body(), name -> header(message.properties(), name));
  }

  private static @Nullable String header(BasicProperties properties, String name) {
    Map<String, Object> headers = properties.getHeaders();
    var value = headers == null ? null : headers.get(name);
    return value == null ? null : value.toString();
  }

  /**
   * Acknowledges a batch, unless the connection is a new one: a delivery tag is valid only on its
   * own connection, and could mean another message there.
   */
  private Future<Void> acknowledge(List<RabbitMQMessage> batch, int connection) {
    long last = batch.get(batch.size() - 1).envelope().getDeliveryTag();
    return connection == connections ? client.basicAck(last, true) : Future.succeededFuture();
  }

  private void goOn() {
    busy = false;
    handleWaiting();
  }

  /** Puts the failed batch before the waiting messages, so that they do not overtake it. */
  private void again(List<RabbitMQMessage> batch, int connection, Throwable failure) {
    LOG.warn("events from queue {} were not handled and will be handled again", queue, failure);
    vertx.setTimer(
        PAUSE_MILLIS,
        fired -> {
          if (connection == connections) {
            batch.addAll(waiting);
            waiting = batch;
          }
          goOn();
        });
  }

  @Override
  public Future<Void> close() {
    return client.stop();
  }
}
