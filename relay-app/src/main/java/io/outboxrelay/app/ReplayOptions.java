package io.outboxrelay.app;

import io.outboxrelay.replay.ReplayFilter;
import io.outboxrelay.replay.ReplayRequest;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that select the events of a replay. Replaying all of them requires {@code --all}. */
final class ReplayOptions {
  @Option(
      names = "--from",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description =
          "Events written at or after TIME, such as 2026-03-01T12:30:00Z, 2026-03-01, or 2h for two"
              + " hours ago.")
  private @Nullable OffsetDateTime from;

  @Option(
      names = "--to",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "Events written before TIME.")
  private @Nullable OffsetDateTime to;

  @Option(names = "--aggregate", paramLabel = "ID", description = "Events of one aggregate.")
  private @Nullable String aggregate;

  @Option(names = "--type", paramLabel = "TYPE", description = "Events of one event type.")
  private @Nullable String type;

  @Option(
      names = "--numbers",
      paramLabel = "FIRST-LAST",
      converter = NumberRange.Converter.class,
      description =
          "Events with these sequence numbers, such as 4096-8191, including those that count as"
              + " published and never were; see the command differences.")
  private @Nullable NumberRange numbers;

  @Option(names = "--all", description = "All events that the outbox still holds.")
  private boolean all;

  @Option(
      names = "--destination",
      paramLabel = "NAME",
      description =
          "Sends them to this destination instead of their original one: a topic of Kafka, or a"
              + " queue or EXCHANGE/ROUTING-KEY of RabbitMQ.")
  private @Nullable String destination;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "" + ReplayRequest.USUAL_RATE,
      description = "At most N events a second (default: ${DEFAULT-VALUE}).")
  private int rate = ReplayRequest.USUAL_RATE;

  @Option(names = "--dry-run", description = "Says what it would send, and sends nothing.")
  private boolean dryRun;

  @Spec(Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  boolean isDryRun() {
    return dryRun;
  }

  /**
   * Returns the request that the options describe. Throws if the options select all events without
   * {@code --all}.
   */
  ReplayRequest request() {
    var replayFilter = new ReplayFilter(from, to, aggregate, type);
    if ((replayFilter.isEverything() && numbers == null) != all) {
      throw new ParameterException(
          command.commandLine(),
          all
              ? "--all and a filter are both given; leave one of them out"
              : "No events are chosen: name --from, --to, --aggregate, --type, --numbers, or --all;"
                  + " or one of list, show and cancel");
    }
    return numbers == null
        ? new ReplayRequest(replayFilter, destination, rate)
        : new ReplayRequest(replayFilter, destination, rate, numbers.first(), numbers.last());
  }
}
