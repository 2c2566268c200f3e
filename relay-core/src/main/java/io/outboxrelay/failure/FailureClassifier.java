package io.outboxrelay.failure;

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

/**
 * Describes the failure that ended a term to the operator, and decides if trying again can help.
 */
public final class FailureClassifier {
  private final DatabaseConfig database;
  private final Throwable failure;

  public FailureClassifier(DatabaseConfig database, Throwable failure) {
    this.database = database;
    this.failure = failure;
  }

  /** Returns the failure as a sentence. */
  public String sentence() {
    boolean ofTheDatabase =
        failure instanceof PgException
            || failure instanceof IOException
            || failure instanceof VertxException;
    return String.valueOf(
        (ofTheDatabase ? DatabaseException.of(database, failure) : failure).getMessage());
  }

  /** Returns true if the database refused user or password, or the password could not be read. */
  public boolean isRefusalOfTheDatabase() {
    return failure instanceof DatabaseException refused && refused.isOfCredentials();
  }

  /**
   * Returns the failure as a {@link RelayException} if waiting cannot mend it, and empty otherwise.
   * A relay that has worked before waits for a missing table or a refused login, because both may
   * be temporary, for example during a migration or a change of password.
   *
   * @param hasWorked true if this relay has found the outbox in order before
   * @param brokerHasWorked true if the broker has accepted a connection before
   */
  public Optional<RelayException> lasting(boolean hasWorked, boolean brokerHasWorked) {
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
