package io.outboxrelay.bench;

import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the outbox costs those who write: their rate without a trigger, and with the doorbell. */
@Command(
    name = "tax",
    mixinStandardHelpOptions = true,
    description =
        "Writers flat out: without a trigger, with one that notifies always, with the doorbell.")
final class TaxCommand implements Callable<Integer> {
  @Option(names = "--connections", defaultValue = "16")
  int connections;

  @Option(names = "--commit-delay", defaultValue = "1000", description = "microseconds")
  int commitDelay;

  @Option(names = "--seconds", defaultValue = "10", description = "of each measurement")
  int seconds;

  @Option(names = "--rounds", defaultValue = "3")
  int rounds;

  @Override
  public Integer call() throws Exception {
    var postgres =
        PostgresServer.builder().setting("commit_delay", commitDelay).setting("commit_siblings", 0);
    try (var stage = Stage.open("kafka", postgres)) {
      System.out.printf(
          "%d connections, commit_delay = %d; transactions/s, relay publishing all the while%n%n",
          connections, commitDelay);
      System.out.printf(
          "%8s %12s %12s %12s %10s%n", "round", "no trigger", "notifying", "doorbell", "ratio");
      for (int round = 1; round <= rounds; round++) {
        try (var relay = new RelayProcess(stage)) {
          relay.run("-Xmx512m", List.of());
          double plain = with(stage, "disable trigger outbox_ring");
          double notifying = withNotifyingTrigger(stage);
          double doorbell = with(stage, "enable trigger outbox_ring");
          System.out.printf(
              "%8d %,12.0f %,12.0f %,12.0f %9.0f%%%n",
              round, plain, notifying, doorbell, 100 * doorbell / plain);
        }
      }
    }
    return 0;
  }

  private double with(Stage stage, String alteration) throws Exception {
    stage.database.execute("alter table outbox " + alteration);
    writers(stage, 2);
    return writers(stage, seconds);
  }

  private double withNotifyingTrigger(Stage stage) throws Exception {
    stage.database.execute(
        """
        create or replace function notify_always() returns trigger language plpgsql as
          $$ begin perform pg_notify('always', ''); return null; end $$;
        create trigger notify_always after insert on outbox
          for each statement execute function notify_always();
        """);
    double rate = writers(stage, seconds);
    stage.database.execute("drop trigger notify_always on outbox");
    return rate;
  }

  private double writers(Stage stage, int howLong) throws InterruptedException {
    var transactions = new AtomicLong();
    long end = System.nanoTime() + howLong * 1_000_000_000L;
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < connections; i++) {
      int number = i;
      var thread = new Thread(() -> write(stage, number, end, transactions));
      thread.start();
      threads.add(thread);
    }
    for (var thread : threads) {
      thread.join();
    }
    return transactions.get() / (double) howLong;
  }

  private static void write(Stage stage, int number, long end, AtomicLong transactions) {
    try (var connection = stage.database.connect();
        var insert =
            connection.prepareStatement(
                "insert into outbox (aggregate_type, aggregate_id, event_type, payload) values"
                    + " ('order', ?, 'changed', '{}')")) {
      for (int i = 0; System.nanoTime() < end; i++) {
        insert.setString(1, number + "-" + i % 1000);
        insert.executeUpdate();
        transactions.incrementAndGet();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a writer failed", e);
    }
  }
}
