package io.outboxrelay.wal;

import io.outboxrelay.database.ReplicationOptions;
import io.outboxrelay.outbox.OutboxNames;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyDual;

/**
 * A connection that speaks PostgreSQL's replication protocol. All methods block; {@link #abort} may
 * be called from any thread.
 *
 * <p>This class reads the raw messages, because the driver's own replication stream hides the
 * server's keepalives. The reader needs the keepalives: while there is no event, they report how
 * far the log has grown.
 */
final class ReplicationConnection {
  /** The time from which PostgreSQL counts microseconds. */
  private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  /**
   * The SQL state with which an ordinary connection answers a command of the replication protocol.
   */
  private static final String SYNTAX_ERROR = "42601";

  private static final int FEEDBACK_BYTES = 34;

  private static final int NO_TIMEOUT = 0;

  private final Connection connection;
  private final String server;
  private @Nullable CopyDual stream;

  private ReplicationConnection(Connection connection, String server) {
    this.connection = connection;
    this.server = server;
  }

  /**
   * Opens a connection. The timeout of the login applies to the first statements as well. After
   * them there is no timeout, because creating a slot waits for transactions to end, and a stream
   * may receive nothing for a long time.
   */
  static ReplicationConnection open(ReplicationOptions options) throws SQLException {
    var connection =
        Objects.requireNonNull(
            new Driver().connect(options.url(), options.properties()), "not a URL of this driver");
    try (var statement = connection.createStatement()) {
      statement.execute(options.guards());
      statement.execute("IDENTIFY_SYSTEM");
      var opened = new ReplicationConnection(connection, server(statement));
      connection.setNetworkTimeout(Runnable::run, NO_TIMEOUT);
      return opened;
    } catch (SQLException e) {
      connection.close();
      if (SYNTAX_ERROR.equals(e.getSQLState())) {
        throw LogFailure.ofAnOrdinaryConnection(e);
      }
      throw e;
    }
  }

  private static String server(Statement statement) throws SQLException {
    try (var rows = statement.executeQuery(LogProbe.SERVER)) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** Returns a value that identifies the server and its last start, see {@link LogProbe#SERVER}. */
  String server() {
    return server;
  }

  /**
   * Creates a slot. The server first waits for every running transaction that writes. From
   * PostgreSQL 17 on, a permanent slot is created so that the server can synchronise it to a
   * standby, from which the relay continues after a fail-over.
   *
   * @param isTemporary true if the slot is to end with this connection
   * @return the position in the log from which the slot yields every commit
   */
  long createSlot(String name, boolean isTemporary) throws SQLException {
    String life = isTemporary ? "TEMPORARY LOGICAL" : "LOGICAL";
    boolean canFailOver = connection.getMetaData().getDatabaseMajorVersion() >= 17 && !isTemporary;
    String command =
        "CREATE_REPLICATION_SLOT %s %s pgoutput %s"
            .formatted(
                OutboxNames.quoted(name),
                life,
                canFailOver ? "(SNAPSHOT 'nothing', FAILOVER true)" : "NOEXPORT_SNAPSHOT");
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(command)) {
      rows.next();
      return LogPosition.parse(rows.getString("consistent_point"));
    }
  }

  /** Starts the stream at the position that was confirmed last. */
  void start(String slot, String publication) throws SQLException {
    String names = OutboxNames.quoted(publication).replace("'", "''");
    stream =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyDual(
                "START_REPLICATION SLOT %s LOGICAL 0/0 (proto_version '1', publication_names '%s')"
                    .formatted(OutboxNames.quoted(slot), names));
  }

  /** Returns the next message of the stream; null at its end. */
  byte @Nullable [] read() throws SQLException {
    return stream().readFromCopy();
  }

  /** Tells the server that the log before {@code position} is not needed any more. */
  void confirm(long position) throws SQLException {
    var feedback =
        ByteBuffer.allocate(FEEDBACK_BYTES)
            .put((byte) 'r')
            // The position is sent three times: as written, as flushed and as applied. All three
            // must be the confirmed position, because the server reports its progress in keepalives
            // only to a client that has not written everything.
            .putLong(position)
            .putLong(position)
            .putLong(position)
            .putLong(EPOCH.until(Instant.now(), ChronoUnit.MICROS))
            .put((byte) 0);
    stream().writeToCopy(feedback.array(), 0, FEEDBACK_BYTES);
    stream().flushCopy();
  }

  private CopyDual stream() {
    return Objects.requireNonNull(stream, "the stream is not started");
  }

  /**
   * Ends the connection, and a temporary slot with it. First cancels the creation of a slot: while
   * the server waits for transactions to end, it does not notice the end of the connection.
   */
  void abort() {
    try {
      if (stream == null) {
        connection.unwrap(PGConnection.class).cancelQuery();
      }
    } catch (SQLException e) {
      // The connection is lost, so there is nothing to cancel.
    }
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // The connection is closed already.
    }
  }
}
