package io.outboxrelay.app;

import io.outboxrelay.deadletter.DeadLetterFilter;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that select dead letters. */
final class SelectionOptions {
  @Parameters(paramLabel = "SEQ", description = "Sequence numbers, which list shows.")
  private List<Long> seqs = new ArrayList<>();

  @Option(names = "--aggregate", paramLabel = "ID", description = "Events of one aggregate.")
  private @Nullable String aggregate;

  @Option(names = "--type", paramLabel = "TYPE", description = "Events of one event type.")
  private @Nullable String type;

  @Option(
      names = "--destination",
      paramLabel = "PATTERN",
      description = "Events for a destination; * matches any text.")
  private @Nullable String destination;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description =
          "Dead letters with this text in the reason; with *, a pattern for the whole reason.")
  private @Nullable String reason;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description =
          "Events rejected last at or after TIME, such as 2026-03-01T12:30:00Z, 2026-03-01, or 2h"
              + " for two hours ago.")
  private @Nullable OffsetDateTime since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "Events rejected last before TIME.")
  private @Nullable OffsetDateTime until;

  @Option(
      names = "--including-blocked",
      description =
          "Filters and --all also choose blocked events, which only wait behind a rejected one.")
  private boolean includingBlocked;

  @Option(
      names = "--including-deferred",
      description =
          "Filters and --all also choose deferred events, which are set aside while their"
              + " destination is down or paused.")
  private boolean includingDeferred;

  DeadLetterFilter selection() {
    return new DeadLetterFilter(
        List.copyOf(seqs),
        aggregate,
        type,
        new DeadLetterFilter.LastRejection(destination, reason, since, until),
        new DeadLetterFilter.Others(includingBlocked, includingDeferred));
  }
}
