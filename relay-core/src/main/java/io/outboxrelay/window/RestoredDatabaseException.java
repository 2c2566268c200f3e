package io.outboxrelay.window;

/**
 * Thrown if the database was restored, copied or upgraded, so that its transaction ids do not
 * continue those of the checkpoint.
 */
public final class RestoredDatabaseException extends RuntimeException {
  RestoredDatabaseException(String message) {
    super(message, null, false, false);
  }
}
