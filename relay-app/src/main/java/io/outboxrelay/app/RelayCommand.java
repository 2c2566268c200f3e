package io.outboxrelay.app;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.settings.Environment;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The root of the command line, with the options and the code that all commands share. Without a
 * command, it does what {@code run} does.
 */
@Command(
    name = "outbox-relay",
    description = {
      "Publishes the events of a PostgreSQL outbox table to a message broker, in order per"
          + " aggregate, losing none."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionInfo.class,
    synopsisSubcommandLabel = "[COMMAND]",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:fine; also after a stop by SIGTERM or SIGINT",
      "1:an unexpected failure",
      "2:a mistake in the command line or the configuration",
      "3:the database: not reached, a wrong password, a missing table or privilege",
      "4:the broker: credentials refused, or the like",
      "5:check found a problem",
      "6:a dead letter, a replay or a pause cannot be changed as asked, for example because it"
          + " does not exist; or events found no event",
      "10:status --exit-code: events are delivered, but late, not all of them, or they are paused",
      "11:status --exit-code: stuck, nothing is delivered of at least one shard",
      "12:status --exit-code: a shard has no leader, or nothing is known of the shards"
    },
    footerHeading = "%nExample:%n",
    footer = "  java -jar outbox-relay.jar -conf conf/kafka.yaml")
final class RelayCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-c", "-conf", "--conf"},
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "The configuration, such as conf/kafka.yaml. Not needed if the environment holds all"
              + " settings (OUTBOX_RELAY_DATABASE_URI and so on).")
  private @Nullable Path conf;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Logs more; same as log.level: debug.")
  private boolean verbose;

  static CommandLine commandLine() {
    var relay = new RelayCommand();
    return new CommandLine(relay)
        .addSubcommand(new RunCommand(relay))
        .addSubcommand(new InitCommand(relay))
        .addSubcommand(new CheckCommand(relay))
        .addSubcommand(new StatusCommand(relay))
        .addSubcommand(new RebaseCommand(relay))
        .addSubcommand(new ShardsCommand(relay))
        .addSubcommand(DeadLettersCommand.commandLine(relay))
        .addSubcommand(ReplayCommand.commandLine(relay))
        .addSubcommand(DifferencesCommand.commandLine(relay))
        .addSubcommand(new PauseCommand(relay))
        .addSubcommand(new ResumeCommand(relay))
        .addSubcommand(new EventsCommand(relay))
        .addSubcommand(new InstancesCommand(relay))
        .addSubcommand(new AuditCommand(relay))
        .addSubcommand(new ImportCommand(relay))
        .addSubcommand(new CompletionCommand(relay))
        .addSubcommand(new HelpCommand(relay))
        .registerConverter(UUID.class, RelayCommand::uuid)
        .registerConverter(int.class, text -> wholeNumber(text, Integer::valueOf))
        .registerConverter(long.class, text -> wholeNumber(text, Long::valueOf))
        .registerConverter(Long.class, text -> wholeNumber(text, Long::valueOf))
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(RelayCommand::misused)
        .setExecutionExceptionHandler(new FailureHandler());
  }

  private static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' is not a UUID");
    }
  }

  private static <N> N wholeNumber(String text, Function<String, N> reading) {
    try {
      return reading.apply(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not a whole number");
    }
  }

  private static int misused(ParameterException mistake, String[] arguments) {
    PrintWriter err = mistake.getCommandLine().getErr();
    if (CommandOutput.isJson(List.of(arguments))) {
      CommandOutput.writeFailure(err, withGuess(mistake), ExitCode.CONFIGURATION);
      return ExitCode.CONFIGURATION.number();
    }
    err.println(PlainText.lines(String.valueOf(mistake.getMessage())));
    UnmatchedArgumentException.printSuggestions(mistake, err);
    err.println("--help lists commands and options.");
    return ExitCode.CONFIGURATION.number();
  }

  private static String withGuess(ParameterException mistake) {
    var guesses =
        mistake instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.<String>of();
    return mistake.getMessage()
        + (guesses.isEmpty() ? "" : "; did you mean " + String.join(" or ", guesses) + "?");
  }

  @Override
  public Integer call() {
    return new RunCommand(this).call();
  }

  /** Returns the writer of a command's answer; everything else is logged. */
  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Runs {@code work} on a connection to the configured database. */
  <T> T at(BiFunction<PgConnection, OutboxNames, Future<T>> work) {
    try (var session = session()) {
      var names = session.config().relay().outbox().names();
      return session.connected(connection -> work.apply(connection, names)).await();
    }
  }

  /** Reads the configuration and creates the command's Vert.x. */
  CommandContext session() {
    return session(Optional.empty());
  }

  /** Reads the configuration and creates a Vert.x that records metrics in {@code registry}. */
  CommandContext session(PrometheusMeterRegistry registry) {
    return session(Optional.of(registry));
  }

  private CommandContext session(Optional<PrometheusMeterRegistry> registry) {
    if (conf == null && !environment().isSettingAnything()) {
      throw new ParameterException(
          spec.commandLine(),
          "No configuration is given: name the file, as in -conf conf/kafka.yaml, or set"
              + " OUTBOX_RELAY_DATABASE_URI, OUTBOX_RELAY_BROKER and so on in the environment");
    }
    return CommandContext.open(Optional.ofNullable(conf), verbose, registry);
  }

  private static Environment environment() {
    var properties = System.getProperties();
    return new Environment(
        System.getenv(),
        properties.stringPropertyNames().stream()
            .collect(Collectors.toMap(name -> name, properties::getProperty)));
  }
}
