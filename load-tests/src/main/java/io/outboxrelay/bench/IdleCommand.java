package io.outboxrelay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a relay with nothing to do costs: its processor time, and the database's transactions. */
@Command(
    name = "idle",
    mixinStandardHelpOptions = true,
    description = "Lets the relay do nothing and measures what that costs.")
final class IdleCommand implements Callable<Integer> {
  /** Linux counts processor time in hundredths of a second. */
  private static final double TICKS_PER_SECOND = 100;

  @Option(names = "--broker", defaultValue = "kafka", description = "kafka or rabbitmq")
  String broker = "kafka";

  @Option(names = "--seconds", defaultValue = "60")
  int seconds;

  @Override
  public Integer call() throws Exception {
    try (var stage = Stage.open(broker);
        var relay = new RelayProcess(stage)) {
      stage.fill(1000, 100, 256);
      try (var arrivals = Arrivals.at(stage)) {
        relay.run("-Xmx512m", List.of());
        arrivals.time(0, 1000);
      }
      Thread.sleep(15_000);
      long ticks = ticks(relay.pid());
      long transactions = transactions(stage);
      Thread.sleep(seconds * 1000L);
      System.out.printf(
          "idle for %d s: %.2f %% of a core, %d transactions in the database%n",
          seconds,
          100 * (ticks(relay.pid()) - ticks) / TICKS_PER_SECOND / seconds,
          transactions(stage) - transactions);
    }
    return 0;
  }

  /** User and system time, fields 14 and 15 of proc(5)'s stat. */
  private static long ticks(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private static long transactions(Stage stage) throws SQLException {
    try (var connection = stage.database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select xact_commit from pg_stat_database where datname = current_database()")) {
      row.next();
      return row.getLong(1);
    }
  }
}
