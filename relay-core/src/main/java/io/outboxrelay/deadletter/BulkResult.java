package io.outboxrelay.deadletter;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The result of a request to retry or to discard dead letters.
 *
 * @param matched the events that the request selected
 * @param rejected the selected rejected events that were changed; a retry of a parked aggregate
 *     counts the head only
 * @param blocked the discarded events that waited behind a rejected one
 * @param deferred the discarded events that were deferred or paused
 * @param following events that were not selected, but are published because the events in front of
 *     them were retried or discarded
 * @param stillBlocked events behind discarded ones that stay blocked by another rejected event
 * @param busy events, or heads of parked aggregates, that were not changed because they are being
 *     retried
 * @param some the sequence numbers of busy ones, at most {@link #NAMED}
 */
public record BulkResult(
    long matched,
    long rejected,
    long blocked,
    long deferred,
    long following,
    long stillBlocked,
    long busy,
    List<Long> some) {
  static final int NAMED = 100;

  /** Returns the number of events, or heads of parked aggregates, that were changed. */
  public long done() {
    return rejected + blocked + deferred;
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
    if (rejected > 0 || blocked + deferred == 0) {
      given.add(count("%,d rejected event", rejected));
    }
    if (blocked > 0) {
      given.add(count("%,d blocked event", blocked));
    }
    if (deferred > 0) {
      given.add(count("%,d deferred event", deferred));
    }
    var sentence = new StringBuilder(action).append(String.join(" and ", given));
    if (following > 0) {
      sentence.append(
          String.format(
              Locale.ROOT, "; %,d behind %s%s", following, done() == 1 ? "it" : "them", follow));
    }
    if (stillBlocked > 0) {
      sentence.append(String.format(Locale.ROOT, "; %,d%s", stillBlocked, stay));
    }
    if (busy > 0) {
      sentence.append(
          String.format(
              Locale.ROOT,
              "; left %,d alone because %s being retried already",
              busy,
              busy == 1 ? "it is" : "they are"));
    }
    return sentence.toString();
  }

  private static String count(String format, long number) {
    return String.format(Locale.ROOT, format, number) + (number == 1 ? "" : "s");
  }
}
