package io.outboxrelay.window;

/**
 * The database was restored, copied or upgraded, so its transaction ids do not continue those of
 * the checkpoint.
 */
public final class RestoredDatabaseException extends RuntimeException {
  RestoredDatabaseException(String message) {
    super(message, null, false, false);
  }
}
