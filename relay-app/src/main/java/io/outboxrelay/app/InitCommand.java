package io.outboxrelay.app;

import io.outboxrelay.outbox.OutboxSchema;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
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
      var schema = new OutboxSchema(config);
      PrintWriter out = relay.out();
      if (print) {
        out.print(schema.script());
        roles.forEach(role -> out.print(schema.grantsForApplication(role)));
        out.flush();
      } else {
        int before = session.connected(connection -> install(schema, connection)).await();
        out.println(done(config.schema() + "." + config.table(), before));
      }
      return ExitCode.OK.number();
    }
  }

  private Future<Integer> install(OutboxSchema schema, PgConnection connection) {
    return schema.install(connection).compose(before -> grant(schema, connection).map(before));
  }

  private Future<Void> grant(OutboxSchema schema, PgConnection connection) {
    Future<Void> done = Future.succeededFuture();
    for (String role : roles) {
      String grants = schema.grantsForApplication(role);
      done = done.compose(before -> connection.query(grants).execute().mapEmpty());
    }
    return done;
  }

  private String done(String table, int before) {
    String schema =
        before == OutboxSchema.VERSION
            ? "the outbox " + table + " was up to date, version " + before
            : before == 0
                ? "created the outbox " + table
                : "upgraded the outbox "
                    + table
                    + " from version "
                    + before
                    + " to "
                    + OutboxSchema.VERSION;
    return roles.isEmpty() ? schema : schema + "; granted to " + String.join(", ", roles);
  }
}
