package io.outboxrelay.kafka;

import io.outboxrelay.publish.BatchingExecutor;
import io.outboxrelay.publish.DeliveryReceipts;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Publishes with an idempotent producer; every in-sync replica acknowledges each event.
 *
 * <p>Confirms are reported on the context that the publisher was connected on.
 */
final class KafkaPublisher implements Publisher {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration WATCH = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final SendingThread sending;
  private final long watch;
  private DeliveryReceipts receipts = DeliveryReceipts.NONE;
  private @Nullable Future<Void> closed;

  private KafkaPublisher(Vertx vertx, SendingThread sending) {
    this.vertx = vertx;
    this.sending = sending;
    this.watch = vertx.setPeriodic(WATCH.toMillis(), time -> sending.watch());
  }

  /** Creates a publisher for the calling context; connects to no broker yet. */
  static Future<Publisher> create(Vertx vertx, KafkaConfig config, PartitionGrowth growth) {
    Context context = vertx.getOrCreateContext();
    Executor reports = new BatchingExecutor(task -> context.runOnContext(run -> task.run()));
    var sending = new SendingThread(config, reports, growth);
    return vertx
        .executeBlocking(
            () -> {
              sending.start();
              return sending;
            },
            false)
        .map(started -> new KafkaPublisher(vertx, started));
  }

  @Override
  public Future<Void> publish(OutboxEvent event) {
    if (closed != null) {
      return Future.failedFuture(
          new PublishException.Retryable("the publisher is closed already", null));
    }
    var delivery = new PendingPublish(event, receipts);
    sending.send(delivery);
    return delivery.future();
  }

  @Override
  public void reportTo(DeliveryReceipts given) {
    receipts = given;
  }

  @Override
  public void warmUp(OutboxEvent event) {
    sending.warmUp(event);
  }

  @Override
  public Future<Void> close() {
    if (closed == null) {
      Promise<Void> promise = Promise.promise();
      closed = promise.future();
      vertx.cancelTimer(watch);
      long patience = vertx.setTimer(PATIENCE.toMillis(), over -> hurry());
      sending.close(
          PATIENCE,
          () -> {
            vertx.cancelTimer(patience);
            promise.complete();
          });
    }
    return closed;
  }

  private void hurry() {
    vertx.executeBlocking(
        () -> {
          sending.hurry();
          return sending;
        },
        false);
  }
}
