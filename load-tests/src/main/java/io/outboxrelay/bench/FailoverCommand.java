package io.outboxrelay.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long events wait when a relay that leads ends, one way or the other. */
@Command(
    name = "failover",
    mixinStandardHelpOptions = true,
    description = {
      "Commits at a steady rate, kills a relay that leads, and measures for how long an event waited",
      "at most; beside rounds in which it is stopped in good order, and rounds in which nothing ends."
    })
final class FailoverCommand implements Callable<Integer> {
  private static final String INSERT =
      "insert into outbox (aggregate_type, aggregate_id, event_type, payload) values ('order', ?,"
          + " 'changed', ?::jsonb)";

  private static final int SECONDS_A_ROUND = 8;

  @Option(names = "--broker", defaultValue = "kafka", description = "kafka or rabbitmq")
  String broker = "kafka";

  @Option(names = "--relays", defaultValue = "3")
  int relays;

  @Option(names = "--shards", defaultValue = "1")
  int shards;

  @Option(names = "--rate", defaultValue = "500", description = "transactions a second")
  int rate;

  @Option(names = "--rounds", defaultValue = "5")
  int rounds;

  private final Latencies latencies = new Latencies();
  private final List<RelayProcess> running = new ArrayList<>();
  private volatile boolean ended;

  /** What happens to the relay. */
  private enum End {
    NOTHING,
    STOPPED,
    KILLED
  }

  @Override
  public Integer call() throws Exception {
    try (var stage = Stage.open(broker);
        var relaysEnd = (AutoCloseable) this::stopAll;
        var consumer =
            stage.broker.subscribe(
                stage.destination(),
                message -> latencies.arrived(String.valueOf(message.text())))) {
      divide(stage);
      for (int i = 0; i < relays; i++) {
        start(stage);
      }
      var writer = new Thread(() -> write(stage));
      writer.start();
      // Everything is compiled by then.
      pause(30);
      System.out.printf(
          "longest wait from commit to consumer, ms: %d relays, %d shards, %s, %d tx/s%n%n",
          relays, shards, broker, rate);
      System.out.printf("%8s %10s %10s %10s%n", "round", "nothing", "stopped", "killed");
      for (int round = 1; round <= rounds; round++) {
        System.out.printf("%8d", round);
        for (var end : End.values()) {
          System.out.printf(" %10.0f", measure(stage, end));
        }
        System.out.println();
      }
      ended = true;
      writer.join();
    }
    return 0;
  }

  private void stopAll() throws InterruptedException, IOException {
    ended = true;
    for (var relay : running) {
      relay.close();
    }
  }

  private void divide(Stage stage) throws Exception {
    if (shards > 1) {
      var relay = new RelayProcess(stage);
      relay.command("shards", Integer.toString(shards));
    }
  }

  private void start(Stage stage) throws Exception {
    var relay = new RelayProcess(stage);
    relay.run("-Xmx256m", List.of());
    running.add(relay);
  }

  private double measure(Stage stage, End end) throws Exception {
    var leader = leader(stage);
    latencies.start();
    if (end != End.NOTHING && leader.isPresent()) {
      var relay = leader.get();
      running.remove(relay);
      if (end == End.KILLED) {
        relay.kill();
      } else {
        relay.close();
      }
    }
    pause(SECONDS_A_ROUND / 2);
    latencies.stop();
    double longest = latencies.longestMillis();
    if (end != End.NOTHING) {
      start(stage);
    }
    pause(SECONDS_A_ROUND);
    return longest;
  }

  /** The relay that owns the first shard. */
  private Optional<RelayProcess> leader(Stage stage) throws SQLException {
    try (var connection = stage.database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select split_part(owner, '@', 1) from outbox_checkpoint where shard = 0")) {
      row.next();
      String pid = String.valueOf(row.getString(1));
      return running.stream().filter(relay -> pid.equals(Long.toString(relay.pid()))).findAny();
    }
  }

  private static void pause(int seconds) {
    LockSupport.parkNanos(seconds * 1_000_000_000L);
  }

  private void write(Stage stage) {
    long interval = 1_000_000_000L / rate;
    try (var connection = stage.database.connect();
        var insert = connection.prepareStatement(INSERT)) {
      for (long due = System.nanoTime(); !ended; due += interval) {
        LockSupport.parkNanos(due - System.nanoTime());
        long number = latencies.nextNumber();
        insert.setString(1, "order-" + number % 1_000);
        insert.setString(2, "{\"n\": " + number + "}");
        insert.executeUpdate();
        latencies.committed(number);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the writer failed", e);
    }
  }
}
