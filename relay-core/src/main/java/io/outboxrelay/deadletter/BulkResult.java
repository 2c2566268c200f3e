package io.outboxrelay.deadletter;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What became of a request to retry or to discard.
 *
 * @param matched events that were chosen
 * @param rejected of these, the rejected ones that it was done to; of a parked aggregate a retry
 *     asks for the head
 * @param blocked of these, those given up that only waited behind a rejected one
 * @param deferred of these, those given up that were set aside for their destination
 * @param following events that were not chosen and are published because of it, as they wait behind
 *     those that it was done to
 * @param stillBlocked events behind those it was done to that go on waiting behind another rejected
 *     one
 * @param busy heads or events that it was not done to, as they are being retried
 * @param some of the busy ones, by their sequence numbers, at most {@link #NAMED}
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

  /** To how many events, or heads of parked aggregates, it was done. */
  public long done() {
    return rejected + blocked + deferred;
  }

  /** What a discard did, or would do. */
  public String discarded(boolean dryRun) {
    return sentence(
        dryRun ? "would give up " : "gave up ",
        dryRun ? " would be published" : " will be published",
        dryRun ? " would stay blocked by another one" : " stay blocked by another one");
  }

  /** What a retry did, or would do. */
  public String retried(boolean dryRun) {
    return sentence(
        dryRun ? "would retry " : "retrying ",
        dryRun ? " would follow in order" : " will follow in order",
        "");
  }

  private String sentence(String auditEntry, String follow, String stay) {
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
    var sentence = new StringBuilder(auditEntry).append(String.join(" and ", given));
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
