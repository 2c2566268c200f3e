package io.outboxrelay.testkit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a queue on a thread of its own until it is closed.
 *
 * <p>This class itself connects again after an outage. The client library's recovery is not used,
 * because it gives up if a broker that has just started does not know the queue's leader yet.
 */
final class RabbitSubscription implements TestBroker.Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitSubscription.class);
  private static final int PREFETCH = 2_000;
  // The number of messages that one acknowledgement covers. It is less than the prefetch, because
  // otherwise the broker would wait for an acknowledgement before it sends more messages.
  private static final int ACKNOWLEDGED_TOGETHER = 200;
  private static final int MILLIS_BETWEEN_ATTEMPTS = 200;

  private final RabbitServer server;
  private final String queue;
  private final Consumer<ReceivedMessage> handler;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  RabbitSubscription(RabbitServer server, String queue, Consumer<ReceivedMessage> handler) {
    this.server = server;
    this.queue = queue;
    this.handler = handler;
    this.thread = new Thread(this::run, "rabbit-subscription");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (!closedWithin(MILLIS_BETWEEN_ATTEMPTS)) {
        readUntilCut();
      }
    } catch (InterruptedException e) {
      LOG.debug("Interrupted, so the subscription of {} ends.", queue);
    } catch (RuntimeException e) {
      LOG.error(
          "The subscription of {} has failed, and its handler gets no more messages.", queue, e);
    }
  }

  private void readUntilCut() throws InterruptedException {
    try (var connection = server.connect();
        var channel = connection.createChannel()) {
      // An empty element of this queue means that the connection or the consumer has ended.
      var arriving = new LinkedBlockingQueue<Optional<Delivery>>();
      connection.addShutdownListener(cause -> arriving.add(Optional.empty()));
      channel.basicQos(PREFETCH);
      channel.basicConsume(
          queue,
          false,
          (tag, delivery) -> arriving.add(Optional.of(delivery)),
          tag -> arriving.add(Optional.empty()));
      handAll(arriving, channel);
    } catch (IOException | TimeoutException | ShutdownSignalException e) {
      LOG.debug("The broker does not hand out {}; trying again.", queue, e);
    }
  }

  private void handAll(BlockingQueue<Optional<Delivery>> arriving, Channel channel)
      throws IOException, InterruptedException {
    int unacknowledged = 0;
    while (!closedWithin(0)) {
      var arrived = arriving.poll(MILLIS_BETWEEN_ATTEMPTS, TimeUnit.MILLISECONDS);
      if (arrived == null) {
        continue;
      }
      if (arrived.isEmpty()) {
        return;
      }
      var delivery = arrived.get();
      handler.accept(RabbitMessages.message(delivery));
      if (++unacknowledged >= ACKNOWLEDGED_TOGETHER) {
        unacknowledged = 0;
        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), true);
      }
    }
  }

  private boolean closedWithin(int millis) throws InterruptedException {
    return closed.await(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
