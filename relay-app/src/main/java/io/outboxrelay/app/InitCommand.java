package io.outboxrelay.app;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.doorbell.WakeupMode;
import io.outboxrelay.outbox.ExistingRows;
import io.outboxrelay.outbox.OutboxInstallation;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.TableAdoption;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code init}: creates or upgrades the outbox, or adopts an existing table. A second
 * run changes nothing.
 */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = "Creates the outbox, or upgrades it; running it again changes nothing.")
final class InitCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();

  @Option(
      names = "--print",
      description = "Prints the SQL for your own migrations and changes nothing.")
  private boolean print;

  @Option(
      names = "--adopt",
      description =
          "Adds columns, indexes and defaults that the relay needs to an existing table; the"
              + " settings outbox.columns name its columns. The table is not rewritten, and writers"
              + " do not wait. With --print it shows the steps and changes nothing.")
  private boolean adopt;

  @Option(
      names = "--existing",
      paramLabel = "STATE",
      description =
          "With --adopt: published, if the existing rows have been published in another way, or"
              + " waiting, if the relay is to publish them first.")
  private @Nullable Existing existing;

  @Option(
      names = "--grant-to",
      paramLabel = "ROLE",
      description =
          "Also lets this role, which your application uses, insert events. It may set only the"
              + " columns that are meant for applications. May be repeated.")
  private List<String> roles = new ArrayList<>();

  @Option(
      names = "--relay-role",
      paramLabel = "ROLE",
      description =
          "Also grants this role the privileges that a relay needs. Use it if the relay logs in as"
              + " another role than the owner of the tables, which runs init. May be repeated.")
  private List<String> relayRoles = new ArrayList<>();

  @Option(
      names = "--within",
      converter = PositiveIntConverter.class,
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "How long to try again while a transaction holds a lock on the outbox (default:"
              + " ${DEFAULT-VALUE}).")
  private int within = 30;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** The values of {@code --existing}. */
  enum Existing {
    published(ExistingRows.PUBLISHED),
    waiting(ExistingRows.WAITING);

    private final ExistingRows rows;

    Existing(ExistingRows rows) {
      this.rows = rows;
    }
  }

  InitCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    if (existing != null && !adopt) {
      throw new ParameterException(spec.commandLine(), "--existing is for init --adopt only");
    }
    try (var session = relay.session()) {
      var schema = schema(session.config().relay());
      if (adopt) {
        adopt(session, schema);
      } else if (print) {
        String sql = script(schema);
        output.write(relay.out(), new JsonObject().put("sql", sql), () -> sql);
      } else {
        install(session, schema);
      }
      return ExitCode.OK.number();
    }
  }

  /** Adopts an existing table. Prints all steps before it executes the first one. */
  private void adopt(CommandContext session, OutboxSchema schema) {
    var outbox = session.config().relay().outbox();
    String table = outbox.schema() + "." + outbox.table();
    var plan = session.connected(connection -> adoption(session, connection).plan()).await();
    String sentence =
        plan.isEmpty()
            ? "the table " + table + " is adopted already; nothing was changed"
            : print
                ? "nothing was changed; without --print, init --adopt takes these steps"
                : "adopted the table " + table;
    if (!plan.isEmpty() && !output.isJson()) {
      relay.out().println(PlainText.lines(String.join(System.lineSeparator(), plan.described())));
      relay.out().flush();
    }
    if (!plan.isEmpty() && !print) {
      session
          .connected(
              connection ->
                  adoption(session, connection)
                      .run(
                          plan,
                          installation(session, connection, schema),
                          Duration.ofSeconds(within)))
          .await();
    }
    output.write(
        relay.out(),
        new JsonObject()
            .put("schema", outbox.schema())
            .put("table", outbox.table())
            .put("steps", new JsonArray(plan.described()))
            .put("changed", !plan.isEmpty() && !print)
            .put("message", sentence),
        () -> sentence);
  }

  private TableAdoption adoption(CommandContext session, PgConnection connection) {
    return new TableAdoption(
        session.vertx(),
        connection,
        session.config().relay().outbox().names(),
        existing == null ? null : existing.rows);
  }

  private OutboxInstallation installation(
      CommandContext session, PgConnection connection, OutboxSchema schema) {
    return new OutboxInstallation(
        session.vertx(),
        connection,
        schema,
        session.config().relay().outbox().names(),
        new OutboxInstallation.Roles(roles, relayRoles));
  }

  private String script(OutboxSchema schema) {
    return schema.script()
        + relayRoles.stream().map(schema::grantsForRelay).collect(Collectors.joining())
        + roles.stream().map(schema::grantsForApplication).collect(Collectors.joining());
  }

  private void install(CommandContext session, OutboxSchema schema) {
    var outbox = session.config().relay().outbox();
    int before =
        session
            .connected(
                connection ->
                    installation(session, connection, schema).run(Duration.ofSeconds(within)))
            .await();
    output.write(
        relay.out(),
        new JsonObject()
            .put("schema", outbox.schema())
            .put("table", outbox.table())
            .put("versionBefore", before)
            .put("version", OutboxSchema.VERSION)
            .put("grantedTo", new JsonArray(roles))
            .put("relayRoles", new JsonArray(relayRoles)),
        () ->
            Stream.of(
                    Stream.of(done(outbox.schema() + "." + outbox.table(), before)),
                    relayRoles.stream().map(role -> "granted to " + role + " what a relay needs"),
                    roles.stream().map(role -> "granted to " + role + " what an application needs"))
                .flatMap(lines -> lines)
                .collect(Collectors.joining(System.lineSeparator())));
  }

  /**
   * Returns the schema to create. If the relay is configured to poll, the schema has no doorbell,
   * because then no writer needs to notify the relay.
   */
  static OutboxSchema schema(RelayConfig config) {
    var schema =
        new OutboxSchema(config.outbox()).withShards(Math.max(1, config.sharding().shards()));
    return config.source().doorbell().wakeup() == WakeupMode.POLL
        ? schema.withoutDoorbell()
        : schema;
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
