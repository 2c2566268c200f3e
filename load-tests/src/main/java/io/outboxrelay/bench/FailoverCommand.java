package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Contender;
import io.outboxrelay.bench.report.MarkdownTable;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how long events wait if the leading relay is stopped or killed. */
@Command(
    name = "failover",
    mixinStandardHelpOptions = true,
    description = {
      "Commits at a steady rate, kills a leading relay, and measures for how long nothing arrives at a",
      "consumer, and how long an event waits at most. Other rounds stop the relay with SIGTERM, or end",
      "nothing."
    })
final class FailoverCommand implements Callable<Integer> {
  private static final int SECONDS_WATCHED = 4;

  /**
   * The pause between measurements. A new relay compiles for this time, and would take processor
   * time from the next measurement.
   */
  private static final int SECONDS_BETWEEN = 15;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * Counts the relays that hold their lock of presence (see OutboxNames), and the relays that own
   * at least the given number of shards.
   */
  private static final String SHARED =
      """
      select (select count(distinct objid) from pg_locks
              where locktype = 'advisory' and objsubid = 2 and granted
                and objid::bigint % 2 = 0 and objid::bigint between 2147483648 and 4294967292),
             (select count(*) from (select owner from outbox_checkpoint where owner is not null
                                    group by owner having count(*) >= ?) as owners)
      """;

  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--relays", defaultValue = "3")
  int relays;

  @Option(names = "--shards", defaultValue = "1")
  int shards;

  @Option(names = "--rate", defaultValue = "500", description = "transactions a second")
  int rate;

  @Option(names = "--warm-up", defaultValue = "30", description = "seconds not counted")
  int warmUp;

  private final BenchmarkLatencies latencies = new BenchmarkLatencies();
  private final List<MeasuredRelayProcess> running = new ArrayList<>();

  /** The way in which the leading relay ends in a measurement. */
  private enum End {
    NOTHING,
    STOPPED,
    KILLED
  }

  @Override
  public Integer call() throws Exception {
    var rounds = choices.rounds();
    try (var stage = BenchmarkEnvironment.open(choices.broker);
        var relaysEnd = (AutoCloseable) this::stopAll;
        var consumer = stage.consume(latencies)) {
      divide(stage);
      for (int i = 0; i < relays; i++) {
        start(stage);
      }
      var writers =
          new BenchmarkWriters(stage, BenchmarkEnvironment.OUTBOX, 4, latencies).start(rate);
      awaitAllThere(stage);
      // After the warm-up everything is compiled.
      pause(warmUp);
      var report = choices.report(stage);
      report.add(
          rounds.of(
              String.format(Locale.ROOT, "%d relays, %d shards, %,d tx/s", relays, shards, rate),
              new MarkdownTable(
                  System.out, List.of(BenchmarkLatencies.PAUSE, BenchmarkLatencies.LONGEST)),
              List.of(
                  new Contender("nothing ends", () -> measure(stage, End.NOTHING)),
                  new Contender("leader stopped", () -> measure(stage, End.STOPPED)),
                  new Contender("leader killed", () -> measure(stage, End.KILLED)))));
      writers.stop();
      choices.write(report, BenchmarkLatencies.PAUSE, BenchmarkLatencies.LONGEST);
    }
    return 0;
  }

  private void stopAll() throws InterruptedException, IOException {
    for (var relay : running) {
      relay.close();
    }
  }

  private void divide(BenchmarkEnvironment stage) throws Exception {
    if (shards > 1) {
      var relay = new MeasuredRelayProcess(stage);
      relay.command("shards", Integer.toString(shards));
    }
  }

  private void start(BenchmarkEnvironment stage) throws Exception {
    var relay = new MeasuredRelayProcess(stage);
    choices.form().start(relay, choices.settings);
    running.add(relay);
  }

  private MeasuredFigures measure(BenchmarkEnvironment stage, End end) throws Exception {
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
    pause(SECONDS_WATCHED);
    latencies.stop();
    var figures = latencies.figures();
    if (end != End.NOTHING) {
      start(stage);
      // On a busy machine the start of a relay may take longer than a round.
      awaitAllThere(stage);
    }
    pause(SECONDS_BETWEEN);
    return figures;
  }

  /** Waits until every relay is seen by the others and owns its share of the shards. */
  private void awaitAllThere(BenchmarkEnvironment stage) throws SQLException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!areAllThere(stage)) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "%d relays did not come to share %d shards within %d s, see the log in %s"
                .formatted(running.size(), shards, PATIENCE.toSeconds(), stage.folder));
      }
      Thread.sleep(100);
    }
  }

  private boolean areAllThere(BenchmarkEnvironment stage) throws SQLException {
    try (var connection = stage.database.connect();
        var statement = connection.prepareStatement(SHARED)) {
      statement.setInt(1, shards / running.size());
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getInt(1) == running.size() && row.getInt(2) >= Math.min(shards, running.size());
      }
    }
  }

  /** Returns the relay that owns the first shard. */
  private Optional<MeasuredRelayProcess> leader(BenchmarkEnvironment stage) throws SQLException {
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
}
