package io.outboxrelay.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** Changes the number of shards with the relay's command, and back again. */
final class ShardFaultInjector implements FaultInjector {
  private static final int MOST = 8;

  private final ChaosEnvironment site;

  ShardFaultInjector(ChaosEnvironment site) {
    this.site = site;
  }

  @Override
  public Mending begin(PlannedFault fault) throws Exception {
    int usual = site.options().setup().shards();
    int other = 1 + fault.random().nextInt(MOST - 1);
    change(other < usual ? other : other + 1);
    return () -> back(usual);
  }

  private void back(int usual) throws Exception {
    if (now() != usual && change(usual) != 0) {
      throw new IOException("the shards command failed, see " + log());
    }
  }

  /**
   * Runs the command {@code shards}. It may fail, because other faults may be active, but it must
   * change either all shards or none.
   */
  private int change(int number) throws IOException, InterruptedException {
    var arguments = List.of("shards", Integer.toString(number), "--within", "30");
    int code = site.command(List.of(), arguments).awaitEnd();
    site.runLog().say("shards %d ended with %d".formatted(number, code));
    return code;
  }

  private int now() throws SQLException {
    try (var connection = site.database().connect();
        var statement = connection.createStatement();
        var count = statement.executeQuery("select count(*) from outbox_checkpoint")) {
      count.next();
      return count.getInt(1);
    }
  }

  private Path log() {
    return site.runLog().folder().resolve("shards.log");
  }
}
