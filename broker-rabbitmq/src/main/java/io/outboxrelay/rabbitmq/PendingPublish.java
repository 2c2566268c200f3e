package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.DeliveryReceipts;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One event on its way to RabbitMQ and its outcome on the way back. */
final class PendingPublish {
  private final OutboxEvent event;
  private final Executor reports;
  private final DeliveryReceipts receipts;
  private final Promise<Void> promise = Promise.promise();
  private volatile long sentAt;
  private String exchange = "";
  private String routingKey = "";
  private @Nullable PublishException refusal;

  /**
   * @param reports where the outcome is reported
   */
  PendingPublish(OutboxEvent event, Executor reports) {
    this(event, reports, DeliveryReceipts.NONE);
  }

  /**
   * The same.
   *
   * @param receipts is told where RabbitMQ was given the event
   */
  PendingPublish(OutboxEvent event, Executor reports, DeliveryReceipts receipts) {
    this.event = event;
    this.reports = reports;
    this.receipts = receipts;
  }

  OutboxEvent event() {
    return event;
  }

  Future<Void> future() {
    return promise.future();
  }

  /** Notes where the message goes; to be called before it is sent. */
  void addressed(String exchange, String routingKey) {
    this.exchange = exchange;
    this.routingKey = routingKey;
  }

  void sent() {
    sentAt = System.nanoTime();
  }

  /** When the client was handed the message, by {@link System#nanoTime}. */
  long sentAt() {
    return sentAt;
  }

  /** Notes that the broker gave the message back; it confirms it all the same, afterwards. */
  void refused(PublishException refusal) {
    this.refusal = refusal;
  }

  boolean isRefused() {
    return refusal != null;
  }

  void confirmed() {
    var failure = refusal;
    if (failure == null) {
      receipts.delivered(
          event, exchange, routingKey, DeliveryReceipts.NO_PARTITION, DeliveryReceipts.NO_OFFSET);
      reports.execute(promise::tryComplete);
    } else {
      failed(failure);
    }
  }

  /** The first outcome counts: what is closed may be confirmed all the same. */
  void failed(PublishException failure) {
    reports.execute(() -> promise.tryFail(failure));
  }
}
