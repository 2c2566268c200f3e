package io.outboxrelay.app;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.window.Resharding;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code shards}: reports the number of shards, or changes it (re-sharding). */
@Command(
    name = "shards",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the number of shards of the outbox, or changes it to NUMBER.",
      "Relays may go on running: they pause during the change, and go on with the new number."
          + " Writers wait for a moment only. No event is lost, repeated or overtaken. The role"
          + " must own the tables, or be a member of the role that does; otherwise the command"
          + " refuses before anything pauses."
    })
final class ShardsCommand implements Callable<Integer> {
  private static final String NO_BELLS =
      ". A transaction that has written to the outbox does not end, so the trigger could not be"
          + " changed, and relays poll meanwhile; run the command init once the transaction has"
          + " ended (see pg_stat_activity)";

  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(arity = "0..1", paramLabel = "NUMBER", description = "The new number of shards.")
  private @Nullable Integer number;

  @Option(
      names = "--within",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "How long to wait until relays have released their shards (default: ${DEFAULT-VALUE}).")
  private int within = 30;

  @Option(
      names = "--max-waiting",
      paramLabel = "EVENTS",
      defaultValue = "100000",
      description =
          "Refuses if more events wait to be published, because each is assigned to its new shard"
              + " during the pause (default: ${DEFAULT-VALUE}).")
  private int maxWaiting = 100_000;

  /**
   * The result of the command.
   *
   * @param waiting the number of events that wait to be published; null if they were not counted
   */
  record Answer(int shards, int before, @Nullable Long waiting, String sentence) {
    static Answer same(int shards, String already) {
      return new Answer(
          shards, shards, null, "the outbox is divided among " + counted(shards) + already);
    }

    static Answer anew(Resharding.Outcome outcome, int shards, String reminder) {
      return new Answer(
          shards,
          outcome.before(),
          outcome.waiting(),
          "the outbox was divided among %s and is now among %s; %s%s%s"
              .formatted(
                  counted(outcome.before()),
                  counted(shards),
                  CountFormat.of(
                      outcome.waiting(),
                      "event waits to be published",
                      "events wait to be published"),
                  outcome.rings() ? "" : NO_BELLS,
                  reminder));
    }

    JsonObject json() {
      return new JsonObject()
          .put("shards", shards)
          .put("shardsBefore", before)
          .put("waiting", waiting)
          .put("message", sentence);
    }
  }

  ShardsCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    Integer wanted = number;
    if (wanted != null && (wanted < 1 || wanted > ShardKey.MOST)) {
      throw new ParameterException(
          spec.commandLine(),
          "There can be 1 to %d shards, not %d".formatted(ShardKey.MOST, wanted));
    }
    try (var session = relay.session()) {
      var answer =
          session
              .connected(
                  connection ->
                      wanted == null
                          ? say(session, connection)
                          : divide(session, connection, wanted))
              .await();
      output.write(relay.out(), answer.json(), answer::sentence);
      return ExitCode.OK.number();
    }
  }

  private static Future<Answer> say(CommandContext session, SqlConnection connection) {
    return ShardLayout.read(connection, session.config().relay().outbox().names())
        .map(shardLayout -> Answer.same(shardLayout.shards(), ""));
  }

  private Future<Answer> divide(CommandContext session, SqlConnection connection, int wanted) {
    return ShardLayout.read(connection, session.config().relay().outbox().names())
        .compose(
            shardLayout ->
                shardLayout.shards() == wanted && shardLayout.hashesAsThen()
                    ? Future.succeededFuture(Answer.same(wanted, " already"))
                    : divideAnew(session, connection, wanted));
  }

  private Future<Answer> divideAnew(CommandContext session, SqlConnection connection, int wanted) {
    var config = session.config().relay();
    var bounds = new Resharding.Bounds(Duration.ofSeconds(within), maxWaiting);
    return new Resharding(connection, config.outbox().names(), InitCommand.schema(config), bounds)
        .run(wanted)
        .map(outcome -> Answer.anew(outcome, wanted, reminder(config.sharding().shards(), wanted)));
  }

  private static String reminder(int configured, int wanted) {
    return configured == 0 || configured == wanted
        ? ""
        : ". The configuration says relay.shards: %d; change it to %d before a relay starts again"
            .formatted(configured, wanted);
  }

  private static String counted(int shards) {
    return CountFormat.of(shards, "shard");
  }
}
