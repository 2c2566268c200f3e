package io.outboxrelay.kafka;

import io.outboxrelay.publish.DeliveryReceipts;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** One event that was given to the publisher, with the future of its outcome. */
final class PendingPublish implements Runnable {
  private final OutboxEvent event;
  private final DeliveryReceipts receipts;
  private final Promise<Void> promise = Promise.promise();
  private @Nullable PublishException failure;

  PendingPublish(OutboxEvent event) {
    this(event, DeliveryReceipts.NONE);
  }

  /**
   * @param receipts receives the topic, partition and offset at which Kafka stored the event
   */
  PendingPublish(OutboxEvent event, DeliveryReceipts receipts) {
    this.event = event;
    this.receipts = receipts;
  }

  OutboxEvent event() {
    return event;
  }

  Future<Void> future() {
    return promise.future();
  }

  PendingPublish failed(PublishException failure) {
    this.failure = failure;
    return this;
  }

  PendingPublish stored(RecordMetadata metadata) {
    receipts.delivered(event, metadata.topic(), null, metadata.partition(), metadata.offset());
    return this;
  }

  /** Completes the future with the outcome. */
  @Override
  public void run() {
    if (failure == null) {
      promise.complete();
    } else {
      promise.fail(failure);
    }
  }
}
