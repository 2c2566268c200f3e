package io.outboxrelay.publish;

import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Publishes to a {@link MemoryBroker}. */
final class MemoryPublisher implements Publisher {
  private static final long CLOSES_WITHIN_MILLIS = 500;

  private final Vertx vertx;
  private final Context context;
  private final MemoryBroker server;
  private final MemoryBrokerClient config;
  private final Set<Promise<Void>> inFlight = ConcurrentHashMap.newKeySet();
  private MemoryBroker.Connection connection = new MemoryBroker.Connection();
  private DeliveryReceipts receipts = DeliveryReceipts.NONE;
  private volatile boolean closed;

  MemoryPublisher(Vertx vertx, MemoryBroker server, MemoryBrokerClient config) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.server = server;
    this.config = config;
  }

  @Override
  public Future<Void> publish(OutboxEvent event) {
    if (closed) {
      return failed(new PublishException.Retryable("the publisher is closed", null));
    }
    var payload = event.payload();
    if (payload != null && payload.length() > config.maxBytes()) {
      return failed(
          new PublishException.Rejected(
              payload.length() + " bytes exceed the limit of " + config.maxBytes(), null));
    }
    try {
      return take(config.destination(event), event);
    } catch (PublishException.Rejected e) {
      return failed(e);
    }
  }

  private static Future<Void> failed(PublishException failure) {
    return Future.failedFuture(failure);
  }

  private Future<Void> take(String destination, OutboxEvent event) {
    Promise<Void> confirm = Promise.promise();
    inFlight.add(confirm);
    var used = connection;
    used.open.incrementAndGet();
    boolean pipelined = config.ordering() == Ordering.PIPELINED;
    server.take(
        used,
        destination,
        message(event),
        pipelined,
        failure -> {
          if (failure == null) {
            receipts.delivered(
                event,
                destination,
                null,
                DeliveryReceipts.NO_PARTITION,
                DeliveryReceipts.NO_OFFSET);
          }
          if (pipelined || failure != null) {
            context.runOnContext(back -> report(confirm, failure, used));
          } else {
            report(confirm, null, used);
          }
        });
    return confirm.future();
  }

  private void report(
      Promise<Void> confirm, @Nullable PublishException failure, MemoryBroker.Connection used) {
    int open = used.open.decrementAndGet();
    used.lost |= failure instanceof PublishException.Retryable;
    // All events of a lost connection are reported before the next connection is used. Otherwise an
    // event could overtake an event of its aggregate with a failure that is not reported yet.
    boolean done = used.lost ? open == 0 : failure != null;
    if (done && used == connection) {
      connection = new MemoryBroker.Connection();
    }
    if (inFlight.remove(confirm)) {
      if (failure == null) {
        confirm.complete();
      } else {
        confirm.fail(failure);
      }
    }
  }

  private static ReceivedMessage message(OutboxEvent event) {
    var headers = new TreeMap<>(event.headers());
    headers.put(MessageHeaders.EVENT_ID, event.id().toString());
    headers.put(MessageHeaders.EVENT_TYPE, event.eventType());
    headers.put(MessageHeaders.EVENT_TIME, event.createdAt().toString());
    headers.put(MessageHeaders.EVENT_SEQUENCE, Long.toString(event.seq()));
    headers.put(MessageHeaders.AGGREGATE_TYPE, event.aggregateType());
    headers.put(MessageHeaders.AGGREGATE_ID, event.aggregateId());
    headers.put(MessageHeaders.CONTENT_TYPE, event.contentType());
    return new ReceivedMessage(
        event.aggregateId(), event.payload(), headers, event.createdAt(), Map.of());
  }

  @Override
  public void reportTo(DeliveryReceipts given) {
    receipts = given;
  }

  @Override
  public Future<Void> close() {
    closed = true;
    var open = List.copyOf(inFlight);
    long timer = vertx.setTimer(CLOSES_WITHIN_MILLIS, late -> open.forEach(this::giveUp));
    return Future.join(open.stream().map(Promise::future).toList())
        .transform(ended -> Future.succeededFuture())
        .map(
            ended -> {
              vertx.cancelTimer(timer);
              return null;
            });
  }

  private void giveUp(Promise<Void> confirm) {
    if (inFlight.remove(confirm)) {
      confirm.fail(new PublishException.Retryable("not confirmed before closing", null));
    }
  }
}
