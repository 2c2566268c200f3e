package io.outboxrelay.admin;

import io.outboxrelay.deadletter.OperationRefusedException;
import io.vertx.core.Future;

/** What a caller is told instead of an answer. */
final class ApiException extends RuntimeException {
  private final int status;

  /**
   * @param status of HTTP
   * @param sentence what was seen, what was expected, what to do; shown to the caller
   */
  ApiException(int status, String sentence) {
    super(sentence, null, false, false);
    this.status = status;
  }

  /** Where only one thing could be amiss, that it is not there, it is 404 and not a conflict. */
  static <T> Future<T> ofAbsence(Throwable failure) {
    return Future.failedFuture(
        failure instanceof OperationRefusedException
            ? new ApiException(404, String.valueOf(failure.getMessage()))
            : failure);
  }

  int status() {
    return status;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
