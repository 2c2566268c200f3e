package io.outboxrelay.deadletter;

import io.vertx.core.Future;
import java.util.List;

/** Creates the refusals of requests that name dead letters that do not exist. */
final class MissingDeadLetters {
  private MissingDeadLetters() {}

  /** Refuses a change; returns a future failed with {@link OperationRefusedException}. */
  static <T> Future<T> refused(Long... seqs) {
    var list = List.of(seqs).toString();
    return failed(list.substring(1, list.length() - 1), "; nothing was changed");
  }

  /**
   * Refuses to show a dead letter. The message does not say that nothing was changed, because
   * showing never changes anything.
   */
  static <T> Future<T> notShown(long seq) {
    return failed(Long.toString(seq), "");
  }

  /**
   * Returns the clause which says that these dead letters do not exist.
   *
   * @param seqs one sequence number, or several that are separated by commas
   */
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
