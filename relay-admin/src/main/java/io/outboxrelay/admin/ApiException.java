package io.outboxrelay.admin;

import io.outboxrelay.deadletter.OperationRefusedException;
import io.vertx.core.Future;

/** Refuses a request, with an HTTP status and a sentence for the caller. */
final class ApiException extends RuntimeException {
  private final int status;

  /**
   * @param status the HTTP status
   * @param sentence the sentence that the caller gets: the value in the request, the expected
   *     value, and the remedy
   */
  ApiException(int status, String sentence) {
    super(sentence, null, false, false);
    this.status = status;
  }

  /**
   * Returns a failed future. If {@code failure} is a refusal, the future fails with the status 404,
   * so the caller must use this method only if a missing object is the only possible reason of a
   * refusal. Any other failure is kept.
   */
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
