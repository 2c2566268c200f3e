package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.DeliveryReceipts;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One event that was given to the publisher, with the future of its outcome. */
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
   * @param reports runs the report of the outcome
   */
  PendingPublish(OutboxEvent event, Executor reports) {
    this(event, reports, DeliveryReceipts.NONE);
  }

  /**
   * @param reports runs the report of the outcome
   * @param receipts receives the exchange and the routing key of a confirmed event
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

  /** Records the destination of the message. Call it before the message is sent. */
  void addressed(String exchange, String routingKey) {
    this.exchange = exchange;
    this.routingKey = routingKey;
  }

  String exchange() {
    return exchange;
  }

  String routingKey() {
    return routingKey;
  }

  DeniedAddresses.Address address() {
    return new DeniedAddresses.Address(exchange, Optional.of(routingKey));
  }

  void sent() {
    sentAt = System.nanoTime();
  }

  /** Returns the time at which the message was given to the client, by {@link System#nanoTime}. */
  long sentAt() {
    return sentAt;
  }

  /**
   * Records that the broker returned the message. When the broker confirms the message afterwards,
   * the event fails with {@code refusal}.
   */
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

  /**
   * Reports a failure. Only the first outcome counts, because a confirm may still arrive after the
   * channel was closed.
   */
  void failed(PublishException failure) {
    reports.execute(() -> promise.tryFail(failure));
  }
}
