package io.outboxrelay.eventstatus;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The status of one event, with the columns that identify it.
 *
 * @param sentence the status in words
 */
public record EventStatus(
    long seq, Identity identity, Status status, String sentence, Discard discard) {
  /** The columns that identify an event; null if the row is not there any more. */
  public record Identity(
      @Nullable String id,
      @Nullable String aggregateType,
      @Nullable String aggregateId,
      @Nullable String eventType,
      @Nullable OffsetDateTime createdAt) {}

  /**
   * The discard of an event; both values are null if the event was not discarded.
   *
   * @param by the operator that discarded the event; null if the operator is not known
   * @param at the time of the discard
   */
  public record Discard(@Nullable String by, @Nullable OffsetDateTime at) {
    static final Discard NONE = new Discard(null, null);
  }
}
