package io.outboxrelay.relay;

import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.window.RestoredDatabaseException;
import io.vertx.pgclient.PgException;
import java.util.Set;

/** Tells failures of the database apart by what happens next. */
final class DatabaseFailure {
  /** Credentials, a missing database, schema, table or column, a missing privilege. */
  private static final Set<String> LASTING =
      Set.of("28P01", "28000", "3D000", "3F000", "42P01", "42703", "42501");

  private DatabaseFailure() {}

  /** Whether trying again is no use until someone has mended something. */
  static boolean isLasting(Throwable failure) {
    return failure instanceof OutboxTable.IncompleteException
        || failure instanceof RestoredDatabaseException
        || (failure instanceof PgException refused && LASTING.contains(refused.getSqlState()));
  }

  /** What was seen, and what to do, in a sentence. */
  static String describe(Throwable failure) {
    if (!(failure instanceof PgException refused)) {
      return String.valueOf(failure.getMessage());
    }
    String said = refused.getErrorMessage() + " (" + refused.getSqlState() + ")";
    return switch (refused.getSqlState()) {
      case "28P01", "28000" ->
          "the database refuses the user or password: "
              + said
              + "; check database.uri and database.password";
      case "3D000" -> "the database named in database.uri is not there: " + said;
      case "3F000", "42P01", "42703" ->
          "the database lacks something that the relay needs: " + said + "; run the command init";
      case "42501" ->
          "the relay's role lacks a privilege: "
              + said
              + "; run the command check, which names every one";
      default -> said;
    };
  }
}
