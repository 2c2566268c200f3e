package io.outboxrelay.deadletter;

import io.outboxrelay.format.CountFormat;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of a request to retry or to discard dead letters.
 *
 * @param matched the number of events that the request selected
 * @param changed the numbers of events that were changed
 * @param following the number of events that were not selected, but are published because the
 *     events in front of them were retried or discarded
 * @param stillBlocked the number of events behind discarded ones that stay blocked by another
 *     rejected event
 * @param busy the events, or heads of parked aggregates, that were not changed because they are
 *     being retried
 */
public record BulkResult(
    long matched, Changed changed, long following, long stillBlocked, Busy busy) {
  static final int NAMED = 100;

  /**
   * The numbers of events that were changed.
   *
   * @param rejected the number of selected rejected events; a retry of a parked aggregate counts
   *     only its head
   * @param blocked the number of discarded events that waited behind a rejected one
   * @param deferred the number of discarded events that were deferred or paused
   */
  public record Changed(long rejected, long blocked, long deferred) {}

  /**
   * The events that are being retried.
   *
   * @param count the number of these events
   * @param some the sequence numbers of some of these events, at most {@link #NAMED}
   */
  public record Busy(long count, List<Long> some) {}

  /** Returns the number of events, or heads of parked aggregates, that were changed. */
  public long done() {
    return changed.rejected + changed.blocked + changed.deferred;
  }

  /** Returns a sentence about what a discard did, or would do. */
  public String discarded(boolean dryRun) {
    return sentence(
        dryRun ? "would give up " : "gave up ",
        dryRun ? " would be published" : " will be published",
        dryRun ? " would stay blocked by another one" : " stay blocked by another one");
  }

  /** Returns a sentence about what a retry did, or would do. */
  public String retried(boolean dryRun) {
    return sentence(
        dryRun ? "would retry " : "retrying ",
        dryRun ? " would follow in order" : " will follow in order",
        "");
  }

  private String sentence(String action, String follow, String stay) {
    var given = new ArrayList<String>();
    if (changed.rejected > 0 || changed.blocked + changed.deferred == 0) {
      given.add(CountFormat.of(changed.rejected, "rejected event"));
    }
    if (changed.blocked > 0) {
      given.add(CountFormat.of(changed.blocked, "blocked event"));
    }
    if (changed.deferred > 0) {
      given.add(CountFormat.of(changed.deferred, "deferred event"));
    }
    var sentence = new StringBuilder(action).append(String.join(" and ", given));
    if (following > 0) {
      sentence.append(
          "; %s behind %s%s"
              .formatted(CountFormat.of(following), done() == 1 ? "it" : "them", follow));
    }
    if (stillBlocked > 0) {
      sentence.append("; " + CountFormat.of(stillBlocked) + stay);
    }
    if (busy.count > 0) {
      sentence.append(
          "; left %s alone because %s being retried already"
              .formatted(CountFormat.of(busy.count), busy.count == 1 ? "it is" : "they are"));
    }
    return sentence.toString();
  }
}
