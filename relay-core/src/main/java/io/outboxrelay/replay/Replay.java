package io.outboxrelay.replay;

import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A replay as it is stored in the table.
 *
 * @param id the id with which its messages are marked
 * @param replayFilter selects its events
 * @param destination the destination of its messages; null for the original destinations
 * @param first its events have higher sequence numbers than this
 * @param top the highest sequence number of its events
 * @param position the sequence number up to which it is done
 * @param matched how many events it was to publish when it was requested
 * @param published how many events the broker has confirmed
 * @param rejected how many events the broker has rejected
 * @param rejection the reason of the first rejection
 * @param waiting how many events were left out because they were not delivered yet
 * @param deadLetters how many events were left out because they were dead letters
 * @param remark the additional information that the operator was shown
 * @param reason the reason of its failure
 * @param starts how often it was started since its last progress
 */
public record Replay(
    long id,
    ReplayState state,
    ReplayFilter replayFilter,
    @Nullable String destination,
    int ratePerSecond,
    long first,
    long top,
    long position,
    long matched,
    long published,
    long rejected,
    @Nullable String rejection,
    long waiting,
    long deadLetters,
    @Nullable String remark,
    @Nullable String reason,
    int starts,
    @Nullable String owner,
    String requestedBy,
    OffsetDateTime requestedAt,
    @Nullable OffsetDateTime startedAt,
    @Nullable OffsetDateTime endedAt,
    String seen) {

  /** The select list, in the order that {@link #of} reads. */
  static final String COLUMNS =
      """
      id, state, since, until, aggregate_id, event_type, destination, rate, first, top, position,
      matched, published, rejected, rejection, waiting, dead_letters, remark, reason, starts, owner,
      requested_by, requested_at, started_at, ended_at, seen::text\
      """;

  static Replay of(Row row) {
    var replayFilter =
        new ReplayFilter(
            row.getOffsetDateTime(2), row.getOffsetDateTime(3), row.getString(4), row.getString(5));
    return new Replay(
        row.getLong(0),
        ReplayState.read(row.getString(1)),
        replayFilter,
        row.getString(6),
        row.getInteger(7),
        row.getLong(8),
        row.getLong(9),
        row.getLong(10),
        row.getLong(11),
        row.getLong(12),
        row.getLong(13),
        row.getString(14),
        row.getLong(15),
        row.getLong(16),
        row.getString(17),
        row.getString(18),
        row.getInteger(19),
        row.getString(20),
        row.getString(21),
        row.getOffsetDateTime(22),
        row.getOffsetDateTime(23),
        row.getOffsetDateTime(24),
        row.getString(25));
  }

  /** Returns its progress through the outbox, from 0 to 1. */
  public double progress() {
    return state == ReplayState.DONE || top <= first
        ? 1
        : Math.min(1, Math.max(0, (double) (position - first) / (top - first)));
  }

  /** Returns a sentence about its progress or its end. */
  public String sentence() {
    var sentence = new StringBuilder(standing());
    if (rejected > 0) {
      sentence.append(count("; %,d refused by the broker, the first: %s", rejected, rejection));
    }
    if (waiting + deadLetters > 0) {
      sentence.append(
          count(
              "; left out %,d that waited to be delivered and %,d in the dead letters",
              waiting, deadLetters));
    }
    return sentence.toString();
  }

  private String standing() {
    return switch (state) {
      case REQUESTED ->
          count(
              "waits to be taken up by the relay that leads shard 0; %,d event%s",
              matched, matched == 1 ? "" : "s");
      case RUNNING ->
          count(
              "%,d of %,d event%s sent, %.0f %% of the way",
              published, matched, matched == 1 ? "" : "s", 100 * progress());
      case DONE -> count("%,d of %,d event%s sent", published, matched, matched == 1 ? "" : "s");
      case CANCELLED ->
          count("cancelled after %,d of %,d event%s", published, matched, matched == 1 ? "" : "s");
      case FAILED ->
          count(
              "failed after %,d of %,d event%s: %s",
              published, matched, matched == 1 ? "" : "s", reason);
    };
  }

  private static String count(String format, @Nullable Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
