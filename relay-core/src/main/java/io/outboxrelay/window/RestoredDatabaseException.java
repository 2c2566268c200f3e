package io.outboxrelay.window;

/** The database was restored from a dump: its transaction ids are behind those of the outbox. */
public final class RestoredDatabaseException extends RuntimeException {
  RestoredDatabaseException(String message) {
    super(message, null, false, false);
  }
}
