package io.outboxrelay.app;

import io.outboxrelay.deadletter.Shown;
import io.outboxrelay.report.DeadLetterReport;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows all of one dead letter. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows all of one dead letter, its payload among it.")
final class DeadLettersShowCommand implements Callable<Integer> {
  private final DeadLettersCommand letters;

  @Mixin private Output output = new Output();

  @Parameters(paramLabel = "SEQ", description = "The sequence number of the dead letter.")
  private long seq;

  DeadLettersShowCommand(DeadLettersCommand letters) {
    this.letters = letters;
  }

  @Override
  public Integer call() {
    var shown = letters.at(desk -> desk.show(seq));
    output.write(letters.out(), DeadLetterReport.shown(shown), () -> report(shown));
    return ExitCode.OK.number();
  }

  static String report(Shown shown) {
    var letter = shown.listed();
    var report = new StringBuilder();
    line(report, "event", letter.seq() + ", id " + shown.id());
    line(report, "aggregate", letter.aggregateType() + " " + letter.aggregateId());
    line(report, "type", letter.eventType());
    line(report, "state", letter.state() + behind(shown.behind()));
    line(report, "reason", letter.reason());
    line(report, "defect", shown.defect());
    line(report, "destination", letter.destination());
    line(report, "rejected", times(letter.attempts()));
    line(report, "written", String.valueOf(shown.createdAt()));
    line(report, "buried", shown.buriedAt().toString());
    line(report, "tried last", letter.attempts() == 0 ? null : letter.time().toString());
    line(report, "version", shown.version());
    line(report, "headers", shown.headers());
    line(report, "payload", shown.payload());
    return report.toString();
  }

  private static void line(StringBuilder report, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      report.append(
          "%-12s %s%n"
              .formatted(
                  name,
                  name.equals("payload") ? PlainText.indented(value) : PlainText.line(value)));
    }
  }

  private static String behind(long letters) {
    return letters == 0 ? "" : ", behind %,d of its aggregate".formatted(letters);
  }

  private static String times(int attempts) {
    return attempts == 1 ? "once" : attempts + " times";
  }
}
