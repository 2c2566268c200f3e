package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.BatchingExecutor;
import io.outboxrelay.publish.DeliveryReceipts;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Publishes persistent, mandatory messages; the broker confirms each one.
 *
 * <p>Outcomes are reported on the context that the publisher was connected on.
 */
final class RabbitPublisher implements Publisher {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final SendingThread sending;
  private final Executor reports;
  private final Handler<AsyncResult<Void>> done = outcome -> done();
  private final long watch;
  private DeliveryReceipts receipts = DeliveryReceipts.NONE;
  private long patience;
  private int inFlight;
  private @Nullable Promise<Void> closed;

  private RabbitPublisher(
      Vertx vertx, RabbitConfig config, SendingThread sending, Executor reports) {
    this.vertx = vertx;
    this.sending = sending;
    this.reports = reports;
    long interval = Math.max(1, config.confirmTimeout().toMillis() / 10);
    watch = vertx.setPeriodic(interval, time -> sending.loseIfOverdue());
  }

  /** Connects a publisher for the calling context. */
  static Future<Publisher> connect(Vertx vertx, RabbitConfig config) {
    Context context = vertx.getOrCreateContext();
    Executor reports = new BatchingExecutor(task -> context.runOnContext(run -> task.run()));
    var sending = new SendingThread(vertx, config);
    return vertx
        .executeBlocking(
            () -> {
              sending.connect();
              return sending;
            },
            false)
        .map(connected -> new RabbitPublisher(vertx, config, connected, reports));
  }

  @Override
  public Future<Void> publish(OutboxEvent event) {
    if (closed != null) {
      return Future.failedFuture(ExceptionMapper.alreadyClosed());
    }
    var delivery = new PendingPublish(event, reports, receipts);
    inFlight++;
    sending.send(delivery);
    return delivery.future().onComplete(done);
  }

  @Override
  public void reportTo(DeliveryReceipts given) {
    receipts = given;
  }

  private void done() {
    inFlight--;
    if (inFlight == 0 && closed != null) {
      end(closed);
    }
  }

  @Override
  public Future<Void> close() {
    if (closed == null) {
      closed = Promise.promise();
      patience = vertx.setTimer(PATIENCE.toMillis(), over -> sending.giveUp());
      if (inFlight == 0) {
        end(closed);
      }
    }
    return closed.future();
  }

  private void end(Promise<Void> ended) {
    vertx.cancelTimer(patience);
    vertx.cancelTimer(watch);
    vertx
        .executeBlocking(
            () -> {
              sending.end();
              return sending;
            },
            false)
        .<Void>mapEmpty()
        .onComplete(ended);
  }
}
