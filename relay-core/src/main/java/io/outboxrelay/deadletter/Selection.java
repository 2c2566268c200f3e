package io.outboxrelay.deadletter;

import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant; what is null or empty is not asked for.
 *
 * @param seqs their sequence numbers
 * @param destination may hold asterisks, each for anything
 * @param reason a part of it, or with asterisks a pattern for the whole
 * @param since the earliest time of the last rejection, or of burial where there was none
 * @param until the time before which that must be
 */
public record Selection(
    List<Long> seqs,
    @Nullable String aggregateId,
    @Nullable String eventType,
    @Nullable String destination,
    @Nullable String reason,
    @Nullable OffsetDateTime since,
    @Nullable OffsetDateTime until) {

  /** How many parameters {@link #CONDITION} has; further ones begin behind. */
  static final int PARAMETERS = 7;

  /** Letters that are done with are none any more. */
  static final String CONDITION =
      """
      ((redelivery is null or redelivery in ('requested', 'in_progress'))
       and ($1::bigint[] is null or seq = any($1))
       and ($2::text is null or aggregate_id = $2)
       and ($3::text is null or event_type = $3)
       and ($4::text is null or destination like $4)
       and ($5::text is null or reason like $5)
       and ($6::timestamptz is null or coalesce(tried_at, buried_at) >= $6)
       and ($7::timestamptz is null or coalesce(tried_at, buried_at) < $7))
      """;

  /** Those with one sequence number. */
  public static Selection of(long seq) {
    return new Selection(List.of(seq), null, null, null, null, null, null);
  }

  /** Whether every letter is meant. */
  public boolean isEverything() {
    return seqs.isEmpty()
        && aggregateId == null
        && eventType == null
        && destination == null
        && reason == null
        && since == null
        && until == null;
  }

  /** In the words of the command line, for the audit. */
  @Override
  public String toString() {
    var words = new ArrayList<String>();
    seqs.forEach(seq -> words.add(seq.toString()));
    word(words, "--aggregate", aggregateId);
    word(words, "--type", eventType);
    word(words, "--destination", destination);
    word(words, "--reason", reason);
    word(words, "--since", since);
    word(words, "--until", until);
    return words.isEmpty() ? "--all" : String.join(" ", words);
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
    values.addValue(destination == null ? null : DestinationPattern.like(destination));
    values.addValue(
        reason == null
            ? null
            : DestinationPattern.like(reason.contains("*") ? reason : "*" + reason + "*"));
    values.addValue(since);
    values.addValue(until);
    return values;
  }
}
