package io.outboxrelay.app;

import io.outboxrelay.deadletter.DeadLetterExport;
import io.outboxrelay.deadletter.DeadLetterFilter;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.json.DeadLetterExportFormat;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code dead-letters export}: writes dead letters with their payloads to a file or to
 * standard output.
 */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes dead letters with their payloads and headers, all of them or those of the filters,"
            + " as JSON lines or as CSV. Changes nothing.")
final class DeadLettersExportCommand implements Callable<Integer> {
  private final DeadLettersCommand deadLetters;
  @Mixin private SelectionOptions options = new SelectionOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--format",
      paramLabel = "FORM",
      defaultValue = "jsonl",
      description =
          "jsonl: a JSON object a line, with the names of the API; or csv, in which a cell that"
              + " begins like a formula gets an apostrophe (default: jsonl).")
  private DeadLetterExportFormat format = DeadLetterExportFormat.jsonl;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description =
          "The file to create; an existing file is not overwritten (default: standard output).")
  private @Nullable Path file;

  DeadLettersExportCommand(DeadLettersCommand deadLetters) {
    this.deadLetters = deadLetters;
  }

  @Override
  public Integer call() {
    var selection = options.selection();
    if (file == null) {
      write(selection, deadLetters.out());
      return ExitCode.OK.number();
    }
    try (var out = new PrintWriter(Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW))) {
      long count = write(selection, out);
      deadLetters.out().printf("wrote %s to %s%n", CountFormat.of(count, "dead letter"), file);
      deadLetters.out().flush();
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          file + " cannot be written: " + FileFailure.reason(e) + "; name another --file");
    }
    return ExitCode.OK.number();
  }

  private long write(DeadLetterFilter selection, PrintWriter out) {
    out.print(format.begin());
    long count = deadLetters.export(export -> writeFrom(export, selection, out, Long.MIN_VALUE, 0));
    out.flush();
    return count;
  }

  private Future<Long> writeFrom(
      DeadLetterExport export,
      DeadLetterFilter selection,
      PrintWriter out,
      long after,
      long before) {
    return export
        .nextPage(selection, after)
        .compose(
            page -> {
              out.print(format.write(page));
              long count = before + page.deadLetters().size();
              Long next = page.next();
              return next == null
                  ? Future.succeededFuture(count)
                  : writeFrom(export, selection, out, next, count);
            });
  }
}
