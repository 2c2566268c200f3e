package io.outboxrelay.wal;

import io.outboxrelay.database.ReplicationOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tests if a replication connection can be opened: opens one and closes it again. Creates no slot.
 */
public final class LogConnectionCheck {
  private LogConnectionCheck() {}

  /**
   * Completes with an empty value if a replication connection to the expected server can be opened;
   * otherwise with the failure.
   *
   * @param options returns the options of the connection; the call may block
   * @param server a text that identifies the expected server, see {@link LogStream.Created}
   */
  public static Future<Optional<LogFailure>> run(
      Vertx vertx, Supplier<ReplicationOptions> options, String server) {
    return vertx.executeBlocking(() -> failure(options.get(), server), false);
  }

  private static Optional<LogFailure> failure(ReplicationOptions options, String server) {
    try {
      var connection = ReplicationConnection.open(options);
      try {
        return connection.server().equals(server)
            ? Optional.empty()
            : Optional.of(LogFailure.ofAnotherServer());
      } finally {
        connection.abort();
      }
    } catch (SQLException | LogFailure e) {
      return Optional.of(LogFailure.of(e));
    }
  }
}
