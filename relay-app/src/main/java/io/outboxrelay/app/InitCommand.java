package io.outboxrelay.app;

import io.outboxrelay.doorbell.Wakeup;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.relay.RelayConfig;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Creates or upgrades the outbox; running it again changes nothing. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = "Creates the outbox, or upgrades it; running it again changes nothing.")
final class InitCommand implements Callable<Integer> {
  private final RelayCommand relay;

  @Option(
      names = "--print",
      description = "Prints the SQL for your own migrations and changes nothing.")
  private boolean print;

  @Option(
      names = "--grant-to",
      paramLabel = "ROLE",
      description =
          "Also lets this role insert events: your application's. It may set its own columns only."
              + " May be repeated.")
  private List<String> roles = new ArrayList<>();

  InitCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    try (var session = relay.session()) {
      var config = session.config().relay().outbox();
      var schema = schema(session.config().relay());
      PrintWriter out = relay.out();
      if (print) {
        out.print(schema.script());
        roles.forEach(role -> out.print(schema.grantsForApplication(role)));
        out.flush();
      } else {
        int before = session.connected(schema::install).await();
        out.println(done(config.schema() + "." + config.table(), before));
        for (String role : roles) {
          String grants = schema.grantsForApplication(role);
          session.connected(connection -> connection.query(grants).execute()).await();
          out.println("granted to " + role + " what an application needs");
        }
      }
      return ExitCode.OK.number();
    }
  }

  /** Where the relay polls, no writer has to ring. */
  static OutboxSchema schema(RelayConfig config) {
    var schema = new OutboxSchema(config.outbox()).withShards(Math.max(1, config.shards()));
    return config.doorbell().wakeup() == Wakeup.POLL ? schema.withoutDoorbell() : schema;
  }

  private static String done(String table, int before) {
    if (before == OutboxSchema.VERSION) {
      return "the outbox " + table + " was up to date, version " + before;
    }
    return before == 0
        ? "created the outbox " + table
        : "upgraded the outbox %s from version %d to %d"
            .formatted(table, before, OutboxSchema.VERSION);
  }
}
