package io.outboxrelay.app;

import io.outboxrelay.doorbell.Wakeup;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.relay.RelayConfig;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Creates or upgrades the outbox; running it again changes nothing. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = "Creates the outbox, or upgrades it; running it again changes nothing.")
final class InitCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private Output output = new Output();

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
      var schema = schema(session.config().relay());
      if (print) {
        String sql = script(schema);
        output.write(relay.out(), new JsonObject().put("sql", sql), () -> sql);
      } else {
        install(session, schema);
      }
      return ExitCode.OK.number();
    }
  }

  private String script(OutboxSchema schema) {
    return schema.script()
        + roles.stream().map(schema::grantsForApplication).collect(Collectors.joining());
  }

  private void install(Session session, OutboxSchema schema) {
    var outbox = session.config().relay().outbox();
    int before = session.connected(schema::install).await();
    for (String role : roles) {
      String grants = schema.grantsForApplication(role);
      session.connected(connection -> connection.query(grants).execute()).await();
    }
    output.write(
        relay.out(),
        new JsonObject()
            .put("schema", outbox.schema())
            .put("table", outbox.table())
            .put("versionBefore", before)
            .put("version", OutboxSchema.VERSION)
            .put("grantedTo", new JsonArray(roles)),
        () ->
            Stream.concat(
                    Stream.of(done(outbox.schema() + "." + outbox.table(), before)),
                    roles.stream().map(role -> "granted to " + role + " what an application needs"))
                .collect(Collectors.joining(System.lineSeparator())));
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
