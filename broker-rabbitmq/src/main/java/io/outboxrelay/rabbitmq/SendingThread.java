package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.PublishException.Retryable;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events in the order in which they were published, on one thread of its own, because
 * RabbitMQ's client blocks while the broker does not read.
 *
 * <p>It sends all waiting events and then flushes once. A lost connection is replaced when the next
 * event is to be sent; if no new connection can be opened, all waiting events fail.
 */
final class SendingThread {
  private static final Logger LOG = LoggerFactory.getLogger(SendingThread.class);

  private static final Optional<String> NONE = Optional.empty();

  private final Vertx vertx;
  private final RabbitConfig config;
  private final MessageFactory messages;
  private final ThreadPoolExecutor thread = newThread();
  private final Queue<PendingPublish> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final PoisonMessageBisector suspects = new PoisonMessageBisector();
  private final DeniedAddresses denied = new DeniedAddresses();
  private volatile @Nullable ConfirmChannel link;
  private volatile boolean over;

  SendingThread(Vertx vertx, RabbitConfig config) {
    this.vertx = vertx;
    this.config = config;
    messages = new MessageFactory(config);
  }

  private static ThreadPoolExecutor newThread() {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> {
          var thread = new Thread(task, "rabbitmq-sending");
          thread.setDaemon(true);
          return thread;
        },
        // After the end, only a late report of a lost connection can arrive, which needs no action.
        new ThreadPoolExecutor.DiscardPolicy());
  }

  /** Connects; blocks, for a few seconds at most. */
  void connect() {
    link = ConfirmChannel.open(vertx, config, suspects, denied, this::wake);
  }

  void send(PendingPublish delivery) {
    waiting.add(delivery);
    wake();
  }

  private void wake() {
    if (awake.compareAndSet(false, true)) {
      thread.execute(this::sendAll);
    }
  }

  private void sendAll() {
    awake.set(false);
    try {
      var current = waiting.isEmpty() ? null : link();
      if (current != null) {
        sendThrough(current);
      }
    } catch (PublishException e) {
      failWaiting(e);
    } catch (RuntimeException e) {
      LOG.error("Sending failed unexpectedly; the events are published again", e);
      failWaiting(new Retryable("it was not sent: " + e, e));
    }
  }

  private void sendThrough(ConfirmChannel current) {
    current.exchanges().forgetMissing();
    try {
      for (var next = waiting.peek(); next != null; next = waiting.peek()) {
        if (!current.admits(next)) {
          break;
        }
        send(next, current);
        waiting.remove(next);
      }
    } finally {
      current.flush();
    }
  }

  private void send(PendingPublish delivery, ConfirmChannel current) {
    try {
      var message = message(delivery);
      delivery.addressed(message.exchange(), message.routingKey());
      var refusal =
          denied.areNone() ? NONE : denied.words(message.exchange(), message.routingKey());
      if (refusal.isPresent()) {
        suspects.clear(delivery);
        current.publishAlone(delivery, message, refusal.get());
      } else {
        current.exchanges().require(message.exchange());
        current.publish(delivery, message);
      }
    } catch (PublishException e) {
      suspects.clear(delivery);
      delivery.failed(e);
    }
  }

  /**
   * Builds the message. An unexpected exception concerns this event only, so the event is rejected.
   */
  private RabbitMessage message(PendingPublish delivery) {
    try {
      return messages.of(delivery.event());
    } catch (PublishException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new Rejected("it cannot become a RabbitMQ message: " + e, e);
    }
  }

  private ConfirmChannel link() {
    var current = link;
    if (current == null || current.isLost()) {
      if (over) {
        throw ExceptionMapper.closed();
      }
      current = ConfirmChannel.open(vertx, config, suspects, denied, this::wake);
      link = current;
      if (over) {
        current.lose(ExceptionMapper.closed());
      }
    }
    return current;
  }

  private void failWaiting(PublishException failure) {
    for (var next = waiting.poll(); next != null; next = waiting.poll()) {
      next.failed(failure);
    }
  }

  void loseIfOverdue() {
    var current = link;
    if (current != null) {
      current.loseIfOverdue();
    }
  }

  /** Fails all events that are not confirmed. */
  void giveUp() {
    over = true;
    var current = link;
    if (current != null) {
      current.lose(ExceptionMapper.closed());
    }
    failWaiting(ExceptionMapper.closed());
  }

  /**
   * Ends the thread and the connection. Call it when nothing is in flight. Blocks, for a few
   * seconds at most.
   */
  void end() {
    over = true;
    thread.shutdown();
    var current = link;
    if (current != null) {
      current.close();
    }
  }
}
