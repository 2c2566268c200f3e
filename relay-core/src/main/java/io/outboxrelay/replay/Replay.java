package io.outboxrelay.replay;

import io.outboxrelay.format.CountFormat;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A replay as it is stored in the table.
 *
 * @param id the id of the replay, with which its messages are marked
 * @param order the order of the operator
 * @param bounds the part of the outbox that the replay publishes
 * @param progress how far the replay is
 * @param execution the state of the replay, and the relay that carries out the replay
 */
public record Replay(long id, Order order, Bounds bounds, Progress progress, Execution execution) {

  /**
   * The order of an operator.
   *
   * @param replayFilter selects the events
   * @param destination the destination of the messages; null for the original destinations
   * @param remark the additional information that the operator was shown
   */
  public record Order(
      ReplayFilter replayFilter,
      @Nullable String destination,
      int ratePerSecond,
      @Nullable String remark,
      String requestedBy,
      OffsetDateTime requestedAt) {}

  /**
   * The part of the outbox that is published, as it was when the replay was requested.
   *
   * @param first the events have higher sequence numbers than this
   * @param top the highest sequence number of the events
   * @param seen the snapshot in which the events are visible
   * @param matched how many events were to be published
   */
  public record Bounds(long first, long top, String seen, long matched) {}

  /**
   * The progress of a replay.
   *
   * @param position the sequence number up to which all events are processed
   * @param published how many events the broker has confirmed
   * @param rejected how many events the broker has rejected
   * @param rejection the reason of the first rejection; null if no event was rejected
   * @param leftOut how many events were left out
   */
  public record Progress(
      long position,
      long published,
      long rejected,
      @Nullable String rejection,
      LeftOutEvents leftOut) {}

  /**
   * The execution of a replay by a relay.
   *
   * @param reason the reason for which the replay failed; null if it has not failed
   * @param starts how often the replay was started since its last progress
   * @param owner the relay that carries out the replay or has done so last; null if it was never
   *     started
   */
  public record Execution(
      ReplayState state,
      @Nullable String reason,
      int starts,
      @Nullable String owner,
      @Nullable OffsetDateTime startedAt,
      @Nullable OffsetDateTime endedAt) {}

  /** The list of columns that a query selects if {@link #of} is to read its rows. */
  static final String COLUMNS =
      """
      id, state, since, until, aggregate_id, event_type, destination, rate, first, top, position,
      matched, published, rejected, rejection, waiting, dead_letters, remark, reason, starts, owner,
      requested_by, requested_at, started_at, ended_at, seen::text\
      """;

  static Replay of(Row row) {
    return new Replay(row.getLong("id"), order(row), bounds(row), progress(row), execution(row));
  }

  private static Order order(Row row) {
    return new Order(
        new ReplayFilter(
            row.getOffsetDateTime("since"),
            row.getOffsetDateTime("until"),
            row.getString("aggregate_id"),
            row.getString("event_type")),
        row.getString("destination"),
        row.getInteger("rate"),
        row.getString("remark"),
        row.getString("requested_by"),
        row.getOffsetDateTime("requested_at"));
  }

  private static Bounds bounds(Row row) {
    return new Bounds(
        row.getLong("first"), row.getLong("top"), row.getString("seen"), row.getLong("matched"));
  }

  private static Progress progress(Row row) {
    return new Progress(
        row.getLong("position"),
        row.getLong("published"),
        row.getLong("rejected"),
        row.getString("rejection"),
        new LeftOutEvents(row.getLong("waiting"), row.getLong("dead_letters")));
  }

  private static Execution execution(Row row) {
    return new Execution(
        ReplayState.read(row.getString("state")),
        row.getString("reason"),
        row.getInteger("starts"),
        row.getString("owner"),
        row.getOffsetDateTime("started_at"),
        row.getOffsetDateTime("ended_at"));
  }

  public ReplayState state() {
    return execution.state;
  }

  /**
   * Returns a short description of the filter or, if all events are selected, of the range of
   * sequence numbers.
   */
  public String briefly() {
    return order.replayFilter.isEverything()
        ? ReplayFilter.numbers(bounds.first + 1, bounds.top)
        : order.replayFilter.words();
  }

  /** Returns a description of the replay's events, such as {@code type Paid, numbers 1 to 300}. */
  public String words() {
    return order.replayFilter.words(bounds.first + 1, bounds.top);
  }

  /** Returns how much of its range of sequence numbers the replay has processed, from 0 to 1. */
  public double fractionDone() {
    long first = bounds.first;
    return state() == ReplayState.DONE || bounds.top <= first
        ? 1
        : Math.min(1, Math.max(0, (double) (progress.position - first) / (bounds.top - first)));
  }

  /** Returns true if all events of the replay are processed. */
  boolean isAtEnd() {
    return progress.position >= bounds.top;
  }

  /** Returns a sentence about the replay's progress or its end. */
  public String sentence() {
    var sentence = new StringBuilder(standing());
    if (progress.rejected > 0) {
      sentence.append(
          "; %s refused by the broker, the first: %s"
              .formatted(CountFormat.of(progress.rejected), progress.rejection));
    }
    var leftOut = progress.leftOut;
    if (!leftOut.isEmpty()) {
      sentence.append(
          "; left out %s that waited to be delivered and %s in the dead letters"
              .formatted(CountFormat.of(leftOut.waiting()), CountFormat.of(leftOut.deadLetters())));
    }
    return sentence.toString();
  }

  private String standing() {
    return switch (state()) {
      case REQUESTED ->
          "waits to be taken up by the relay that leads shard 0; "
              + CountFormat.of(bounds.matched, "event");
      case RUNNING ->
          String.format(
              Locale.ROOT,
              "%s sent, %.0f %% of the way",
              publishedOfMatched(),
              100 * fractionDone());
      case DONE -> publishedOfMatched() + " sent";
      case CANCELLED -> "cancelled after " + publishedOfMatched();
      case FAILED -> "failed after " + publishedOfMatched() + ": " + execution.reason;
    };
  }

  private String publishedOfMatched() {
    return CountFormat.of(progress.published) + " of " + CountFormat.of(bounds.matched, "event");
  }
}
