package io.outboxrelay.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long an event takes from its commit to a consumer, at a steady rate. */
@Command(
    name = "steady",
    mixinStandardHelpOptions = true,
    description = {
      "Commits at a steady rate and measures the time from commit to consumer,",
      "beside writers that send straight to the broker after their commit."
    })
final class SteadyCommand implements Callable<Integer> {
  private static final int WRITERS = 4;
  private static final String INSERT =
      "insert into %s (aggregate_type, aggregate_id, event_type, payload) values ('order', ?,"
          + " 'changed', ?::jsonb)";

  @Option(names = "--broker", defaultValue = "kafka", description = "kafka or rabbitmq")
  String broker = "kafka";

  @Option(names = "--rates", split = ",", defaultValue = "500,2000")
  List<Integer> rates = new ArrayList<>();

  @Option(names = "--seconds", defaultValue = "20")
  int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "30",
      description = "seconds not counted, at the highest rate, for each side")
  int warmUp;

  @Option(names = "--jvm", defaultValue = "-Xmx512m", description = "the relay's JVM options")
  String jvm = "-Xmx512m";

  @Option(names = "--set", description = "a setting of the relay, key=value; may be repeated")
  List<String> settings = new ArrayList<>();

  private final Latencies latencies = new Latencies();

  @Override
  public Integer call() throws Exception {
    try (var stage = Stage.open(broker);
        var straight = StraightSender.to(stage);
        var relay = new RelayProcess(stage);
        var consumer =
            stage.broker.subscribe(
                stage.destination(),
                message -> latencies.arrived(String.valueOf(message.text())))) {
      stage.database.execute("create table plain (like outbox including all)");
      relay.run(jvm, settings);
      int most = Collections.max(rates);
      write(stage, most, warmUp, straight);
      write(stage, most, warmUp, null);
      System.out.printf("commit to consumer, %s, in milliseconds%n%n", broker);
      System.out.printf(
          "%8s %10s %9s %9s %9s %9s %10s%n", "tx/s", "", "p50", "p90", "p99", "max", "events");
      for (int rate : rates) {
        measure(stage, rate, "straight", straight);
        measure(stage, rate, "relay", null);
      }
    }
    return 0;
  }

  private void measure(Stage stage, int rate, String name, @Nullable StraightSender straight)
      throws InterruptedException {
    latencies.start();
    write(stage, rate, seconds, straight);
    // The last ones are on their way.
    LockSupport.parkNanos(500_000_000L);
    latencies.stop();
    System.out.printf("%8d %10s %s%n", rate, name, latencies);
  }

  /** Writes through the outbox, or where {@code straight} is given around it. */
  private void write(Stage stage, int rate, int during, @Nullable StraightSender straight)
      throws InterruptedException {
    long began = System.nanoTime();
    long end = began + during * 1_000_000_000L;
    long interval = WRITERS * 1_000_000_000L / rate;
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < WRITERS; i++) {
      long offset = i * 1_000_000_000L / rate;
      var thread = new Thread(() -> write(stage, began + offset, interval, end, straight));
      thread.start();
      threads.add(thread);
    }
    for (var thread : threads) {
      thread.join();
    }
  }

  private void write(
      Stage stage, long began, long interval, long end, @Nullable StraightSender straight) {
    String sql = INSERT.formatted(straight == null ? "outbox" : "plain");
    try (var connection = stage.database.connect();
        var insert = connection.prepareStatement(sql)) {
      for (long due = began; due < end; due += interval) {
        LockSupport.parkNanos(due - System.nanoTime());
        long number = latencies.nextNumber();
        String key = "order-" + number % 10_000;
        String payload = "{\"n\": " + number + ", \"text\": \"" + "x".repeat(236) + "\"}";
        insert.setString(1, key);
        insert.setString(2, payload);
        insert.executeUpdate();
        latencies.committed(number);
        if (straight != null) {
          straight.send(key, payload);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a writer failed", e);
    }
  }
}
