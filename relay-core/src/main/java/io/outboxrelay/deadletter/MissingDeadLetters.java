package io.outboxrelay.deadletter;

import io.vertx.core.Future;
import java.util.List;

/** The refusal of a request that names dead letters that do not exist. */
final class MissingDeadLetters {
  private MissingDeadLetters() {}

  /** Returns a future failed with {@link OperationRefusedException}. */
  static <T> Future<T> refused(Long... seqs) {
    var list = List.of(seqs).toString();
    return Future.failedFuture(
        new OperationRefusedException(
            "there is no dead letter "
                + list.substring(1, list.length() - 1)
                + " (any more); nothing was changed. See dead-letters list"));
  }
}
