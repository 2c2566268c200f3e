package io.outboxrelay.publish;

import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A broker inside this JVM, for tests of the relay. It keeps the contract of the real brokers, and
 * fails on command.
 *
 * <p>A separate thread stands for the server, so that outcomes arrive later and from another
 * thread.
 */
public final class MemoryBroker implements TestBroker {
  private static final Map<String, MemoryBroker> RUNNING = new ConcurrentHashMap<>();
  private static final AtomicInteger COUNT = new AtomicInteger();

  /** A message takes less time inside one JVM. */
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(3);

  private final String address = "memory-" + COUNT.incrementAndGet() + ":1";
  private final ExecutorService server =
      Executors.newSingleThreadExecutor(
          task -> {
            var thread = new Thread(task, address);
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicInteger waiting = new AtomicInteger();
  private final Map<String, List<ReceivedMessage>> destinations = new HashMap<>();
  private final List<MemorySubscription> subscriptions = new ArrayList<>();
  private Predicate<ReceivedMessage> refusing = message -> false;
  private Predicate<ReceivedMessage> failing = message -> false;
  private long era = 1;
  private boolean up = true;
  private boolean paused;

  private MemoryBroker() {}

  /** Starts a broker. */
  public static MemoryBroker start() {
    var broker = new MemoryBroker();
    RUNNING.put(broker.address, broker);
    return broker;
  }

  static @Nullable MemoryBroker at(String address) {
    return RUNNING.get(address);
  }

  /**
   * The server's state of a publisher's connection. The first failure breaks the connection; a
   * rejection breaks it for the event's aggregate.
   */
  static final class Connection {
    private final Set<@Nullable String> rejected = new HashSet<>();
    private long era;
    private boolean broken;

    /** The number of messages without an answer; used by the publisher only. */
    final AtomicInteger open = new AtomicInteger();

    /** True once the publisher has seen a failure; used by the publisher only. */
    volatile boolean lost;
  }

  /** Rejects messages for good from now on. */
  public synchronized void refuse(Predicate<ReceivedMessage> which) {
    refusing = which;
  }

  /** Fails messages as retryable from now on. */
  public synchronized void fail(Predicate<ReceivedMessage> which) {
    failing = which;
  }

  /** Gives a message to the server; {@code answer} is called on its thread, in order. */
  void take(
      Connection connection,
      String destination,
      ReceivedMessage message,
      boolean pipelined,
      Consumer<@Nullable PublishException> answer) {
    waiting.incrementAndGet();
    server.execute(
        () -> {
          var failure = taken(connection, destination, message, pipelined);
          waiting.decrementAndGet();
          answer.accept(failure);
        });
  }

  /** Returns the number of messages that were given to the server and are not answered yet. */
  public int waiting() {
    return waiting.get();
  }

  private synchronized @Nullable PublishException taken(
      Connection connection, String destination, ReceivedMessage message, boolean pipelined) {
    awaitResume();
    if (connection.era == 0) {
      connection.era = era;
    }
    var failure = failure(connection, destination, message);
    if (failure == null) {
      add(destination, message);
    } else if (failure instanceof PublishException.Retryable) {
      connection.broken = true;
    } else if (pipelined) {
      connection.rejected.add(message.key());
    }
    return failure;
  }

  private @Nullable PublishException failure(
      Connection connection, String destination, ReceivedMessage message) {
    if (!up
        || connection.broken
        || connection.rejected.contains(message.key())
        || connection.era != era) {
      return new PublishException.Retryable("the connection to " + address + " was lost", null);
    }
    if (failing.test(message)) {
      return new PublishException.Retryable(address + " cannot take it now", null);
    }
    if (!destinations.containsKey(destination)) {
      return new PublishException.Rejected("there is no destination " + destination, null);
    }
    return refusing.test(message)
        ? new PublishException.Rejected(address + " refuses it", null)
        : null;
  }

  private void add(String destination, ReceivedMessage message) {
    Objects.requireNonNull(destinations.get(destination)).add(message);
    subscriptions.forEach(subscription -> subscription.arrived(destination, message));
    notifyAll();
  }

  /** Tests the connection to the server; there is no answer while the server is paused. */
  void ping(Consumer<@Nullable PublishException> answer) {
    server.execute(
        () -> {
          synchronized (this) {
            awaitResume();
            answer.accept(up ? null : new PublishException.Retryable(address + " is not up", null));
          }
        });
  }

  synchronized boolean isPaused() {
    return paused;
  }

  synchronized boolean has(String destination) {
    return destinations.containsKey(destination);
  }

  private void awaitResume() {
    while (paused) {
      waitFor(Duration.ofMinutes(10));
    }
  }

  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private void waitFor(Duration most) {
    try {
      wait(Math.max(1, most.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Returns the messages of a destination so far. */
  public synchronized List<ReceivedMessage> messages(String destination) {
    return List.copyOf(Objects.requireNonNull(destinations.get(destination)));
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("address", address);
  }

  @Override
  public synchronized String newDestination(Map<String, Object> options) {
    String name = "destination-" + COUNT.incrementAndGet();
    open(name);
    return name;
  }

  /** Creates a destination. */
  public synchronized void open(String destination) {
    destinations.putIfAbsent(destination, new ArrayList<>());
  }

  @Override
  public synchronized List<ReceivedMessage> consume(
      String destination, int count, Duration timeout) {
    long end = System.nanoTime() + Math.min(timeout.toNanos(), LONG_ENOUGH.toNanos());
    while (messages(destination).size() < count || count == 0) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        break;
      }
      waitFor(Duration.ofNanos(left));
    }
    return messages(destination);
  }

  @Override
  public synchronized Subscription subscribe(
      String destination, Consumer<ReceivedMessage> handler) {
    var subscription = new MemorySubscription(destination, handler);
    messages(destination).forEach(message -> subscription.arrived(destination, message));
    subscriptions.add(subscription);
    return subscription;
  }

  /** Passes messages to a subscriber on the server's thread. */
  private final class MemorySubscription implements Subscription {
    private final String destination;
    private final Consumer<ReceivedMessage> handler;

    MemorySubscription(String destination, Consumer<ReceivedMessage> handler) {
      this.destination = destination;
      this.handler = handler;
    }

    void arrived(String where, ReceivedMessage message) {
      if (where.equals(destination)) {
        handler.accept(message);
      }
    }

    @Override
    public void close() {
      synchronized (MemoryBroker.this) {
        subscriptions.remove(this);
      }
    }
  }

  @Override
  public String origin() {
    return "a broker in memory";
  }

  @Override
  public boolean controllable() {
    return true;
  }

  @Override
  public synchronized void kill() {
    up = false;
    era++;
    resume();
  }

  @Override
  public void stop() {
    kill();
  }

  @Override
  public synchronized void pause() {
    paused = true;
  }

  @Override
  public synchronized void resume() {
    paused = false;
    notifyAll();
  }

  @Override
  public synchronized void restart() {
    kill();
    up = true;
  }

  @Override
  public void close() {
    RUNNING.remove(address);
    kill();
    server.shutdown();
  }
}
