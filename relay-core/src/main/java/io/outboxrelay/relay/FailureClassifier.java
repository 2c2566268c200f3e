package io.outboxrelay.relay;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.dispatch.HaltException;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.window.ContradictionException;
import io.outboxrelay.window.RestoredDatabaseException;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.Optional;

/** What ended a tenure: says it to the operator, and whether trying again is any use. */
final class FailureClassifier {
  private final DatabaseConfig database;
  private final Throwable failure;

  FailureClassifier(DatabaseConfig database, Throwable failure) {
    this.database = database;
    this.failure = failure;
  }

  /** What went wrong, as a sentence. */
  String sentence() {
    boolean ofTheDatabase =
        failure instanceof PgException
            || failure instanceof IOException
            || failure instanceof VertxException;
    return String.valueOf(
        (ofTheDatabase ? DatabaseException.of(database, failure) : failure).getMessage());
  }

  /** Whether the database did not accept user or password, or the password could not be read. */
  boolean isRefusalOfTheDatabase() {
    return failure instanceof DatabaseException refused && refused.isOfCredentials();
  }

  /**
   * What no waiting mends. A relay that has worked waits for a table or a login all the same: they
   * may be gone for a moment only, as in a migration or while a password is changed.
   *
   * @param brokerHasWorked whether the broker has let the relay in before
   */
  Optional<RelayException> lasting(boolean hasWorked, boolean brokerHasWorked) {
    if (failure instanceof HaltException
        || (failure instanceof PublishException.Fatal && !brokerHasWorked)) {
      return Optional.of(new RelayException(RelayException.Cause.BROKER, sentence(), failure));
    }
    boolean lasting =
        failure instanceof RestoredDatabaseException
            || failure instanceof ContradictionException
            || (!hasWorked && isOfTheSetUp());
    return lasting
        ? Optional.of(new RelayException(RelayException.Cause.DATABASE, sentence(), failure))
        : Optional.empty();
  }

  private boolean isOfTheSetUp() {
    return failure instanceof OutboxTable.IncompleteException
        || DatabaseException.of(database, failure) instanceof DatabaseException.Refused;
  }
}
