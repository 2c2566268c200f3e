package io.outboxrelay.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long an event takes from its commit to a consumer, at a steady rate. */
@Command(
    name = "steady",
    mixinStandardHelpOptions = true,
    description = "Commits at a steady rate and measures the time from commit to consumer.")
final class SteadyCommand implements Callable<Integer> {
  private static final int WRITERS = 4;
  private static final String INSERT =
      "insert into outbox (aggregate_type, aggregate_id, event_type, payload) values ('order', ?,"
          + " 'changed', ?::jsonb)";

  @Option(names = "--broker", defaultValue = "kafka", description = "kafka or rabbitmq")
  String broker = "kafka";

  @Option(names = "--rates", split = ",", defaultValue = "500,2000")
  List<Integer> rates = new ArrayList<>();

  @Option(names = "--seconds", defaultValue = "20")
  int seconds;

  @Option(names = "--warm-up", defaultValue = "10", description = "seconds not counted, first")
  int warmUp;

  @Option(names = "--jvm", defaultValue = "-Xmx512m", description = "the relay's JVM options")
  String jvm = "-Xmx512m";

  @Option(names = "--set", description = "a setting of the relay, key=value; may be repeated")
  List<String> settings = new ArrayList<>();

  private final Map<Long, Long> committed = new ConcurrentHashMap<>();
  private final Map<Long, Long> early = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final ConcurrentHistogram latencies = new ConcurrentHistogram(3);
  private volatile boolean counting;

  @Override
  public Integer call() throws Exception {
    try (var stage = Stage.open(broker);
        var relay = new RelayProcess(stage);
        var consumer =
            stage.broker.subscribe(
                stage.destination(), message -> arrived(String.valueOf(message.text())))) {
      relay.run(jvm, settings);
      System.out.printf("commit to consumer, %s%n%n", broker);
      System.out.printf(
          "%8s %9s %9s %9s %9s %10s%n", "tx/s", "p50 ms", "p90 ms", "p99 ms", "max ms", "events");
      for (int rate : rates) {
        measure(stage, rate);
      }
    }
    return 0;
  }

  private void measure(Stage stage, int rate) throws InterruptedException {
    long began = System.nanoTime();
    long counted = began + warmUp * 1_000_000_000L;
    long end = counted + seconds * 1_000_000_000L;
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < WRITERS; i++) {
      long offset = i * 1_000_000_000L / rate;
      var thread =
          new Thread(() -> write(stage, began + offset, WRITERS * 1_000_000_000L / rate, end));
      thread.start();
      threads.add(thread);
    }
    LockSupport.parkNanos(counted - System.nanoTime());
    latencies.reset();
    counting = true;
    for (var thread : threads) {
      thread.join();
    }
    LockSupport.parkNanos(500_000_000L);
    counting = false;
    System.out.printf(
        "%8d %9.2f %9.2f %9.2f %9.2f %,10d%n",
        rate,
        latencies.getValueAtPercentile(50) / 1000.0,
        latencies.getValueAtPercentile(90) / 1000.0,
        latencies.getValueAtPercentile(99) / 1000.0,
        latencies.getMaxValue() / 1000.0,
        latencies.getTotalCount());
  }

  private void write(Stage stage, long began, long interval, long end) {
    try (var connection = stage.database.connect();
        var insert = connection.prepareStatement(INSERT)) {
      for (long due = began; due < end; due += interval) {
        LockSupport.parkNanos(due - System.nanoTime());
        long number = numbers.incrementAndGet();
        insert.setString(1, "order-" + number % 10_000);
        insert.setString(2, "{\"n\": " + number + ", \"text\": \"" + "x".repeat(236) + "\"}");
        insert.executeUpdate();
        committedAt(number, System.nanoTime());
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a writer failed", e);
    }
  }

  private void committedAt(long number, long time) {
    committed.put(number, time);
    Long arrival = early.remove(number);
    if (arrival != null && committed.remove(number) != null) {
      note(0);
    }
  }

  private void arrived(String payload) {
    long now = System.nanoTime();
    int from = payload.indexOf("\"n\": ") + 5;
    int to = from;
    while (Character.isDigit(payload.charAt(to))) {
      to++;
    }
    long number = Long.parseLong(payload.substring(from, to));
    Long time = committed.remove(number);
    if (time != null) {
      note(now - time);
    } else {
      early.put(number, now);
    }
  }

  private void note(long nanos) {
    if (counting) {
      latencies.recordValue(Math.max(1, nanos / 1000));
    }
  }
}
