package io.outboxrelay.app;

import io.outboxrelay.deadletter.Desk;
import io.outboxrelay.deadletter.Listed;
import io.outboxrelay.report.DeadLetterReport;
import io.vertx.core.Future;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists dead letters. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists dead letters, which are rejected events, in the order of their events.")
final class DeadLettersListCommand implements Callable<Integer> {
  private final DeadLettersCommand letters;
  @Mixin private SelectionOptions options = new SelectionOptions();

  @Option(
      names = "--limit",
      converter = Some.class,
      defaultValue = "50",
      paramLabel = "N",
      description = "At most N events (default: ${DEFAULT-VALUE}).")
  private int limit = 50;

  @Mixin private Output output = new Output();
  @Mixin private TableOptions tables = new TableOptions();

  private record Answer(List<Listed> listed, Desk.Count count, Desk.Standing standing) {}

  DeadLettersListCommand(DeadLettersCommand letters) {
    this.letters = letters;
  }

  @Override
  public Integer call() {
    var selection = options.selection();
    var answer =
        letters.at(
            desk ->
                Future.all(
                        desk.list(selection, limit),
                        desk.count(selection),
                        desk.standing(Desk.LISTED))
                    .map(all -> new Answer(all.resultAt(0), all.resultAt(1), all.resultAt(2))));
    output.write(
        letters.out(),
        DeadLetterReport.page(answer.listed, limit, answer.standing),
        () -> report(answer.listed, answer.count, answer.standing, tables.layout()));
    return ExitCode.OK.number();
  }

  static String report(
      List<Listed> listed, Desk.Count chosen, Desk.Standing standing, TextTable.Layout layout) {
    var table =
        new TextTable(
            layout, "SEQ", "STATE", "AGGREGATE", "EVENT", "DESTINATION", "TRIES", "LAST", "REASON");
    for (var letter : listed) {
      table.add(
          Long.toString(letter.seq()),
          letter.state(),
          letter.aggregateType() + " " + letter.aggregateId(),
          letter.eventType(),
          letter.destination(),
          Integer.toString(letter.attempts()),
          letter.time().toInstant().truncatedTo(ChronoUnit.SECONDS).toString(),
          letter.reason().replaceAll("\\s+", " "));
    }
    long found = chosen.rejected() + chosen.others();
    String more =
        found > listed.size() ? "%,d of %,d are shown%n".formatted(listed.size(), found) : "";
    return (listed.isEmpty() ? "" : table + System.lineSeparator())
        + more
        + "in all: "
        + summary(standing)
        + System.lineSeparator();
  }

  /** The counts of everything that is set aside, in one line. */
  static String summary(Desk.Standing standing) {
    var count = standing.count();
    return String.format(
        Locale.ROOT,
        "%,d rejected%s, %,d blocked behind %s, %,d deferred%s; %,d parked aggregate%s%s",
        count.rejected(),
        standing.retried() > 0 ? " (%,d being retried)".formatted(standing.retried()) : "",
        count.blocked(),
        count.rejected() == 1 ? "it" : "them",
        count.deferred(),
        count.paused() > 0 ? ", %,d paused".formatted(count.paused()) : "",
        count.aggregates(),
        count.aggregates() == 1 ? "" : "s",
        standing.isMore() ? "; there are more, which were not counted" : "");
  }
}
