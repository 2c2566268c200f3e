package io.outboxrelay.admin;

import io.outboxrelay.deadletter.OperationRefusedException;
import io.vertx.core.Future;

/** A request that is refused, with the HTTP status and a sentence for the caller. */
final class ApiException extends RuntimeException {
  private final int status;

  /**
   * @param status the HTTP status
   * @param sentence the observed value, the expected one, and the remedy; shown to the caller
   */
  ApiException(int status, String sentence) {
    super(sentence, null, false, false);
    this.status = status;
  }

  /**
   * Turns a refusal into a 404 if the only possible reason is that the object does not exist; other
   * failures are kept.
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
