package io.outboxrelay.deadletter;

import io.vertx.core.Future;
import java.util.List;

/** The refusal of a request that names dead letters that do not exist. */
final class MissingDeadLetters {
  private MissingDeadLetters() {}

  /** Refuses a change; returns a future failed with {@link OperationRefusedException}. */
  static <T> Future<T> refused(Long... seqs) {
    var list = List.of(seqs).toString();
    return failed(list.substring(1, list.length() - 1), "; nothing was changed");
  }

  /** Refuses to show a dead letter, which would change nothing anyway. */
  static <T> Future<T> notShown(long seq) {
    return failed(Long.toString(seq), "");
  }

  /** Returns a sentence about one sequence number, or several that are separated by commas. */
  static String absent(String seqs) {
    return (seqs.contains(",") ? "there are no dead letters " : "there is no dead letter ")
        + seqs
        + " now";
  }

  private static <T> Future<T> failed(String seqs, String effect) {
    return Future.failedFuture(
        new OperationRefusedException(absent(seqs) + effect + ". See dead-letters list"));
  }
}
