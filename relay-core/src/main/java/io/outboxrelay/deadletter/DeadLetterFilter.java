package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.DestinationPattern;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Selects dead letters that meet all criteria; a criterion that is null or empty is not applied.
 *
 * <p>If {@code seqs} is empty, only rejected events are selected, and other events only as far as
 * {@code others} says. The reason is that the events behind a rejected one have no defect of their
 * own, and are published after the rejected one is redelivered or discarded. If {@code seqs} is not
 * empty, every named event can be selected.
 *
 * @param seqs the sequence numbers of the named events
 * @param others the kinds of events that are selected in addition to the rejected ones
 */
public record DeadLetterFilter(
    List<Long> seqs,
    @Nullable String aggregateId,
    @Nullable String eventType,
    LastRejection lastRejection,
    Others others) {

  /**
   * Criteria for an event's last rejection, or for the time when it was set aside if it was never
   * rejected.
   *
   * @param destination the destination; may contain asterisks, each for any text
   * @param reason a part of the reason, or, if it contains asterisks, a pattern for the whole
   *     reason
   * @param since selects times from this one on
   * @param until selects times before this one
   */
  public record LastRejection(
      @Nullable String destination,
      @Nullable String reason,
      @Nullable OffsetDateTime since,
      @Nullable OffsetDateTime until) {
    public static final LastRejection ANY = new LastRejection(null, null, null, null);
  }

  /**
   * Events that were not rejected themselves.
   *
   * @param blocked selects events that wait behind a rejected one
   * @param deferred selects events that are set aside while a destination is down or paused
   */
  public record Others(boolean blocked, boolean deferred) {
    public static final Others NONE = new Others(false, false);
    public static final Others ALL = new Others(true, true);
  }

  private static final String CONDITION =
      """
      (%1$s
       and ($1::bigint[] is null or dead_letter.seq = any($1))
       and ($2::text is null or dead_letter.aggregate_id = $2)
       and ($3::text is null or dead_letter.event_type = $3)
       and ($4::text is null or dead_letter.destination like $4)
       and ($5::text is null or dead_letter.reason like $5)
       and ($6::timestamptz is null or coalesce(dead_letter.tried_at, dead_letter.dead_lettered_at) >= $6)
       and ($7::timestamptz is null or coalesce(dead_letter.tried_at, dead_letter.dead_lettered_at) < $7)
       and ($1::bigint[] is not null or %2$s or $8 and $9
            or ($8 or $9) and case when %3$s in ('blocked', 'waiting') then $8 else $9 end))
      """;

  /** Returns the filter for one sequence number. */
  public static DeadLetterFilter of(long seq) {
    return new DeadLetterFilter(List.of(seq), null, null, LastRejection.ANY, Others.NONE);
  }

  /**
   * Returns an SQL condition that is true for the selected rows, which have the alias {@code
   * dead_letter}. The values of its parameters are {@link #values}; further parameters of a
   * statement begin at {@code $10}.
   */
  static String condition(OutboxNames names) {
    return CONDITION.formatted(
        DeadLetterState.live("dead_letter"),
        DeadLetterState.REJECTED,
        DeadLetterState.ofFollowers(names, "dead_letter.aggregate_id"));
  }

  /** Returns true if the filter selects every rejected event. */
  public boolean isEverything() {
    return seqs.isEmpty()
        && aggregateId == null
        && eventType == null
        && lastRejection.equals(LastRejection.ANY);
  }

  /** Returns the filter in the words of the command line, for the audit. */
  @Override
  public String toString() {
    var words = new ArrayList<String>();
    seqs.forEach(seq -> words.add(seq.toString()));
    word(words, "--aggregate", aggregateId);
    word(words, "--type", eventType);
    word(words, "--destination", lastRejection.destination);
    word(words, "--reason", lastRejection.reason);
    word(words, "--since", lastRejection.since);
    word(words, "--until", lastRejection.until);
    if (words.isEmpty()) {
      words.add("--all");
    }
    if (others.blocked) {
      words.add("--including-blocked");
    }
    if (others.deferred) {
      words.add("--including-deferred");
    }
    return String.join(" ", words);
  }

  private static void word(List<String> words, String option, @Nullable Object value) {
    if (value != null) {
      words.add(option + " " + value);
    }
  }

  Tuple values() {
    var values = Tuple.tuple();
    values.addValue(seqs.isEmpty() ? null : seqs.toArray(Long[]::new));
    values.addValue(aggregateId);
    values.addValue(eventType);
    String destination = lastRejection.destination;
    values.addValue(destination == null ? null : DestinationPattern.like(destination));
    String reason = lastRejection.reason;
    values.addValue(
        reason == null
            ? null
            : DestinationPattern.like(reason.contains("*") ? reason : "*" + reason + "*"));
    values.addValue(lastRejection.since);
    values.addValue(lastRejection.until);
    values.addBoolean(others.blocked);
    values.addBoolean(others.deferred);
    return values;
  }
}
