package io.outboxrelay.database;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Locale;
import java.util.Optional;

/**
 * The condition by which one of several servers is chosen: the parameter {@code
 * target_session_attrs} of the URI, with the meaning that libpq gives it.
 */
enum TargetSession {
  /** The first server that completes the log-in. */
  ANY,
  /** A server that accepts writes. */
  READ_WRITE,
  /** A server that is no standby. */
  PRIMARY;

  private static final String ASK =
      "select pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'";

  /**
   * Parses the parameter.
   *
   * @throws IllegalArgumentException with a phrase for the user
   */
  static TargetSession parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "any" -> ANY;
      case "read-write" -> READ_WRITE;
      case "primary" -> PRIMARY;
      case "standby", "read-only" ->
          throw new IllegalArgumentException(
              "has target_session_attrs="
                  + text
                  + ", but the relay writes its checkpoints and so needs the primary; write"
                  + " read-write");
      case "prefer-standby" ->
          throw new IllegalArgumentException(
              "has target_session_attrs=prefer-standby, but on a standby the relay can do nothing,"
                  + " because it writes its checkpoints; write read-write");
      default ->
          throw new IllegalArgumentException(
              "has a target_session_attrs that is not one of any, read-write, primary");
    };
  }

  /**
   * Completes with the reason why a server does not meet the condition, as a phrase that continues
   * the server's name; empty if the server meets it.
   */
  Future<Optional<String>> objection(SqlConnection connection) {
    return this == ANY
        ? Future.succeededFuture(Optional.empty())
        : connection
            .query(ASK)
            .execute()
            .map(rows -> rows.iterator().next())
            .map(row -> objection(row.getBoolean(0), row.getBoolean(1)));
  }

  private Optional<String> objection(boolean isStandby, boolean isReadOnly) {
    if (isStandby) {
      return Optional.of("is a standby, and the relay needs the primary");
    }
    return isReadOnly && this == READ_WRITE
        ? Optional.of("takes no writes (default_transaction_read_only is on)")
        : Optional.empty();
  }
}
