package io.outboxrelay.app;

import io.outboxrelay.deadletter.DeadLetterCounts;
import io.outboxrelay.deadletter.DeadLetterQueries;
import io.outboxrelay.deadletter.DeadLetterStats;
import io.outboxrelay.deadletter.DeadLetterSummary;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.format.TimestampFormat;
import io.outboxrelay.json.DeadLetterJson;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code dead-letters list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists dead letters, which are rejected events, in the order of their events.")
final class DeadLettersListCommand implements Callable<Integer> {
  private final DeadLettersCommand deadLetters;
  @Mixin private SelectionOptions options = new SelectionOptions();

  @Option(
      names = "--limit",
      converter = PositiveIntConverter.class,
      defaultValue = "50",
      paramLabel = "N",
      description = "At most N events (default: ${DEFAULT-VALUE}).")
  private int limit = 50;

  @Mixin private CommandOutput output = new CommandOutput();
  @Mixin private TableOptions tables = new TableOptions();

  private record Answer(
      List<DeadLetterSummary> listed, DeadLetterCounts count, DeadLetterStats standing) {}

  DeadLettersListCommand(DeadLettersCommand deadLetters) {
    this.deadLetters = deadLetters;
  }

  @Override
  public Integer call() {
    var selection = options.selection();
    var answer =
        deadLetters.at(
            commands ->
                Future.all(
                        commands.queries().list(selection, limit),
                        commands.queries().count(selection),
                        commands.queries().stats(DeadLetterQueries.LISTED))
                    .map(all -> new Answer(all.resultAt(0), all.resultAt(1), all.resultAt(2))));
    output.write(
        deadLetters.out(),
        DeadLetterJson.page(answer.listed, limit, answer.standing),
        () -> report(answer.listed, answer.count, answer.standing, tables.layout()));
    return ExitCode.OK.number();
  }

  static String report(
      List<DeadLetterSummary> listed,
      DeadLetterCounts chosen,
      DeadLetterStats standing,
      TextTable.Layout layout) {
    var table =
        new TextTable(
            layout, "SEQ", "STATE", "AGGREGATE", "EVENT", "DESTINATION", "TRIES", "LAST", "REASON");
    for (var deadLetter : listed) {
      table.add(
          Long.toString(deadLetter.seq()),
          deadLetter.state(),
          deadLetter.subject().aggregateType() + " " + deadLetter.subject().aggregateId(),
          deadLetter.subject().eventType(),
          deadLetter.destination(),
          Integer.toString(deadLetter.failure().attempts()),
          TimestampFormat.of(deadLetter.failure().time()),
          deadLetter.failure().reason().replaceAll("\\s+", " "));
    }
    long found = chosen.rejected() + chosen.others();
    String more =
        found > listed.size()
            ? "%s of %s are shown%n".formatted(CountFormat.of(listed.size()), CountFormat.of(found))
            : "";
    return (listed.isEmpty() ? "" : table + System.lineSeparator())
        + more
        + "in all: "
        + summary(standing)
        + System.lineSeparator();
  }

  /** Returns the counts of all dead letters in one line. */
  static String summary(DeadLetterStats standing) {
    var count = standing.count();
    return "%s rejected%s, %s blocked behind %s, %s deferred%s; %s%s"
        .formatted(
            CountFormat.of(count.rejected()),
            standing.retried() > 0
                ? " (" + CountFormat.of(standing.retried()) + " being retried)"
                : "",
            CountFormat.of(count.blocked()),
            count.rejected() == 1 ? "it" : "them",
            CountFormat.of(count.deferred()),
            count.paused() > 0 ? ", " + CountFormat.of(count.paused()) + " paused" : "",
            CountFormat.of(count.aggregates(), "parked aggregate"),
            standing.isMore() ? "; there are more, which were not counted" : "");
  }
}
