package io.outboxrelay.app;

import io.outboxrelay.deadletter.DeadLetterCommands;
import io.outboxrelay.deadletter.DeadLetterDetails;
import io.outboxrelay.deadletter.DeadLetterEdit;
import io.outboxrelay.deadletter.DeadLetterFilter;
import io.outboxrelay.json.DeadLetterJson;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code dead-letters edit}: changes a dead letter, usually so that a retry of it
 * succeeds.
 */
@Command(
    name = "edit",
    mixinStandardHelpOptions = true,
    description =
        "Changes a dead letter. Columns that no option names keep their values. The table outbox is"
            + " not changed.")
final class DeadLettersEditCommand implements Callable<Integer> {
  private final DeadLettersCommand deadLetters;
  @Mixin private CommandOutput output = new CommandOutput();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SEQ", description = "The sequence number of the dead letter.")
  private long seq;

  @ArgGroup private @Nullable NewPayload payload;

  @Option(
      names = "--header",
      paramLabel = "NAME=VALUE",
      description =
          "Sets a header; may be repeated. If the headers are not a JSON object, they are replaced.")
  private Map<String, String> headers = new LinkedHashMap<>();

  @Option(
      names = "--remove-header",
      paramLabel = "NAME",
      description = "Removes a header; may be repeated.")
  private List<String> removed = new ArrayList<>();

  @Option(names = "--id", paramLabel = "UUID", description = "The new id of the event.")
  private @Nullable UUID id;

  @Option(
      names = "--aggregate-type",
      paramLabel = "TYPE",
      description = "The new aggregate type. The destination may be derived from it.")
  private @Nullable String aggregateType;

  @Option(
      names = "--aggregate-id",
      paramLabel = "ID",
      description =
          "The new aggregate id. It can be changed only if no later event waits behind this one,"
              + " as with on-rejected: skip.")
  private @Nullable String aggregateId;

  @Option(names = "--event-type", paramLabel = "TYPE", description = "The new event type.")
  private @Nullable String eventType;

  @Option(
      names = "--if-version",
      paramLabel = "VERSION",
      description =
          "Changes the dead letter only if it still has this version, which show prints. So of two"
              + " operators that edit it at once, the second is refused.")
  private @Nullable String version;

  @Option(names = "--retry", description = "Also retries it.")
  private boolean retry;

  /** The options for the new payload, of which at most one may be given. */
  static final class NewPayload {
    @Option(names = "--payload", paramLabel = "TEXT", description = "The new payload.")
    private @Nullable String text;

    @Option(
        names = "--payload-file",
        paramLabel = "FILE",
        description = "A file that holds the new payload.")
    private @Nullable Path file;

    @Option(
        names = "--no-payload",
        description = "Removes the payload, so the event is a tombstone.")
    private boolean none;
  }

  DeadLettersEditCommand(DeadLettersCommand deadLetters) {
    this.deadLetters = deadLetters;
  }

  @Override
  public Integer call() {
    var edit = edit();
    if (edit.isNothing()) {
      throw mistake("No change is given: name --payload, --header or another column");
    }
    if (edit.aggregateId() != null && edit.aggregateId().isEmpty()) {
      throw mistake("An aggregate id cannot be empty, because it decides the order; name another");
    }
    var shown =
        deadLetters.at(
            commands ->
                commands
                    .edit(seq, edit, version)
                    .compose(edited -> commands.queries().show(seq))
                    .compose(result -> retried(commands).map(result)));
    output.write(deadLetters.out(), DeadLetterJson.shown(shown), () -> report(shown));
    return ExitCode.OK.number();
  }

  private String report(DeadLetterDetails shown) {
    return "edited dead letter "
        + seq
        + (retry ? " and retrying it" : "")
        + (shown.defect() == null
            ? ""
            : System.lineSeparator() + "it still cannot be published: " + shown.defect());
  }

  private Future<?> retried(DeadLetterCommands commands) {
    return retry ? commands.retry(DeadLetterFilter.of(seq), false) : Future.succeededFuture();
  }

  private DeadLetterEdit edit() {
    return new DeadLetterEdit(
        id,
        aggregateType,
        aggregateId,
        eventType,
        payload == null ? null : new DeadLetterEdit.NewPayload(bytes(payload)),
        new DeadLetterEdit.HeaderChanges(headers, removed));
  }

  private @Nullable Buffer bytes(NewPayload given) {
    if (given.none) {
      return null;
    }
    return given.text != null ? Buffer.buffer(given.text) : read(given.file);
  }

  private @Nullable Buffer read(@Nullable Path file) {
    try {
      return file == null ? null : Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw mistake(file + " cannot be read: " + FileFailure.reason(e));
    }
  }

  private ParameterException mistake(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
