package io.outboxrelay.testkit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Creates queues, and reads their messages. */
final class RabbitQueues {
  private static final int PREFETCH = 1_000;

  // The time after which a new queue survives kill -9. A node saves a new quorum queue in a file
  // only after half a second (according to its source code). If the node is killed within that
  // time, it loses the queue, although it has confirmed messages.
  private static final Duration UNTIL_NOTED = Duration.ofSeconds(1);

  private final RabbitServer server;
  // The messages that were read from each queue so far. A queue delivers each message once, but a
  // caller may read the queue from the beginning again.
  private final Map<String, List<ReceivedMessage>> taken = new ConcurrentHashMap<>();

  private volatile long noted = System.nanoTime();

  RabbitQueues(RabbitServer server) {
    this.server = server;
  }

  String create(Map<String, Object> options) {
    var queue = "test-" + UUID.randomUUID();
    var arguments = new HashMap<String, Object>();
    arguments.put("x-queue-type", "quorum");
    arguments.putAll(options);
    try (var connection = server.connect();
        var channel = connection.createChannel()) {
      channel.queueDeclare(queue, true, false, false, arguments);
      noted = System.nanoTime() + UNTIL_NOTED.toNanos();
      return queue;
    } catch (IOException | TimeoutException e) {
      throw new IllegalStateException("Could not create queue " + queue + " as " + options, e);
    }
  }

  /** Waits until every queue that was created so far survives {@code kill -9}. */
  void awaitNoted() {
    while (noted - System.nanoTime() > 0) {
      LockSupport.parkNanos(noted - System.nanoTime());
    }
  }

  List<ReceivedMessage> read(String queue, int count, Duration timeout) {
    var messages = taken.computeIfAbsent(queue, name -> new ArrayList<>());
    synchronized (messages) {
      if (messages.size() < count) {
        take(queue, count, timeout, messages);
      }
      return List.copyOf(messages);
    }
  }

  private void take(String queue, int count, Duration timeout, List<ReceivedMessage> messages) {
    long deadline = System.nanoTime() + timeout.toNanos();
    try (var connection = server.connect();
        var channel = connection.createChannel()) {
      var arriving = new LinkedBlockingQueue<Delivery>();
      channel.basicQos(PREFETCH);
      var consumer =
          channel.basicConsume(queue, false, (tag, delivery) -> arriving.add(delivery), tag -> {});
      while (messages.size() < count) {
        var delivery = arriving.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (delivery == null) {
          break;
        }
        take(channel, delivery, messages);
      }
      channel.basicCancel(consumer);
      takeRest(channel, arriving, messages);
    } catch (IOException | TimeoutException e) {
      throw new IllegalStateException("Could not read queue " + queue, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while reading queue " + queue, e);
    }
  }

  // The prefetched messages are read as well, because requeued messages would be delivered out of
  // order.
  private static void takeRest(
      Channel channel, BlockingQueue<Delivery> arrived, List<ReceivedMessage> messages)
      throws IOException {
    for (var delivery = arrived.poll(); delivery != null; delivery = arrived.poll()) {
      take(channel, delivery, messages);
    }
  }

  private static void take(Channel channel, Delivery delivery, List<ReceivedMessage> messages)
      throws IOException {
    messages.add(RabbitMessages.message(delivery));
    channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
  }
}
