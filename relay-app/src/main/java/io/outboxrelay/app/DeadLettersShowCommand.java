package io.outboxrelay.app;

import io.outboxrelay.deadletter.DeadLetterDetails;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.json.DeadLetterJson;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code dead-letters show}: shows one dead letter with its payload. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows one dead letter with its payload.")
final class DeadLettersShowCommand implements Callable<Integer> {
  private final DeadLettersCommand deadLetters;

  @Mixin private CommandOutput output = new CommandOutput();

  @Parameters(paramLabel = "SEQ", description = "The sequence number of the dead letter.")
  private long seq;

  DeadLettersShowCommand(DeadLettersCommand deadLetters) {
    this.deadLetters = deadLetters;
  }

  @Override
  public Integer call() {
    var shown = deadLetters.at(commands -> commands.queries().show(seq));
    output.write(deadLetters.out(), DeadLetterJson.shown(shown), () -> report(shown));
    return ExitCode.OK.number();
  }

  static String report(DeadLetterDetails shown) {
    var stored = shown.stored();
    var deadLetter = stored.listed();
    var report = new StringBuilder();
    line(report, "event", deadLetter.seq() + ", id " + stored.id());
    line(
        report,
        "aggregate",
        deadLetter.subject().aggregateType() + " " + deadLetter.subject().aggregateId());
    line(report, "type", deadLetter.subject().eventType());
    line(report, "state", deadLetter.state() + behind(shown.behind()));
    line(report, "reason", deadLetter.failure().reason());
    line(report, "defect", shown.defect());
    line(report, "destination", deadLetter.destination());
    line(report, "rejected", times(deadLetter.failure().attempts()));
    line(report, "written", String.valueOf(stored.createdAt()));
    line(report, "set aside", stored.deadLetteredAt().toString());
    line(
        report,
        "tried last",
        deadLetter.failure().attempts() == 0 ? null : deadLetter.failure().time().toString());
    line(report, "version", shown.version());
    line(report, "headers", stored.content().headers().text());
    line(report, "", stored.content().headersIncomplete());
    line(report, "payload", stored.content().payload().text());
    line(report, "", stored.content().payloadIncomplete());
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

  private static String behind(long deadLetters) {
    return deadLetters == 0 ? "" : ", behind " + CountFormat.of(deadLetters) + " of its aggregate";
  }

  private static String times(int attempts) {
    return attempts == 1 ? "once" : attempts + " times";
  }
}
