package io.outboxrelay.database;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.spi.ConnectionFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes connections to the configured database.
 *
 * <p>Each connection belongs to its caller alone and is not pooled, because its advisory locks,
 * LISTEN and planner settings belong to its session and end with it.
 */
public final class Database {
  private static final Duration CLOSES_WITHIN = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  /**
   * The settings that the relay makes in each session. An administrator may have changed them for
   * the queries of applications. With other values, the relay would see, compare or write something
   * else, or a server timeout would end its sessions. With {@code row_security} off, a query fails
   * if row-level security would hide rows from it, because a hidden event would be lost.
   */
  private static final SortedMap<String, String> GUARDS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("tcp_keepalives_idle", "10"),
              Map.entry("tcp_keepalives_interval", "5"),
              Map.entry("tcp_keepalives_count", "4"),
              Map.entry("tcp_user_timeout", "30000"),
              Map.entry("statement_timeout", "0"),
              Map.entry("lock_timeout", "0"),
              Map.entry("transaction_timeout", "0"),
              Map.entry("idle_session_timeout", "0"),
              Map.entry("idle_in_transaction_session_timeout", "0"),
              Map.entry("default_transaction_isolation", "read committed"),
              Map.entry("default_transaction_deferrable", "off"),
              Map.entry("row_security", "off"),
              Map.entry("search_path", "pg_catalog, pg_temp"),
              Map.entry("TimeZone", "UTC"),
              Map.entry("DateStyle", "ISO, MDY"),
              Map.entry("IntervalStyle", "postgres"),
              Map.entry("bytea_output", "hex"),
              Map.entry("extra_float_digits", "1"),
              Map.entry("quote_all_identifiers", "off"),
              Map.entry("array_nulls", "on"),
              Map.entry("transform_null_equals", "off"),
              Map.entry("standard_conforming_strings", "on")));

  /** The attribute of a connection that holds the server to which the connection leads. */
  private static final AttributeKey<DatabaseHost> HOST =
      AttributeKey.valueOf(Database.class, "HOST");

  /**
   * Sets the values of {@link #GUARDS}. They are joined with the view {@code pg_settings}, because
   * not every server version knows all of these settings.
   */
  private static final String SET =
      """
      select set_config(name, value, false)
      from pg_settings join (values %s) guard (name, value) using (name)
      """;

  private final Vertx vertx;
  private final DatabaseConfig config;
  private final SocketTracker sockets;
  private final ConnectionFactory<PgConnectOptions> connections;

  private Database(Vertx vertx, DatabaseConfig config) {
    this.vertx = vertx;
    this.config = config;
    this.sockets = new SocketTracker(vertx, config.connectTimeout());
    this.connections =
        PgDriver.INSTANCE.createConnectionFactory(sockets, config.toTransportOptions());
  }

  public static Database create(Vertx vertx, DatabaseConfig config) {
    return new Database(vertx, config);
  }

  public DatabaseConfig config() {
    return config;
  }

  /** Returns the Vert.x instance that runs the connections. */
  public Vertx vertx() {
    return vertx;
  }

  /**
   * Opens a new connection on the caller's context, to the first suitable server; tries each server
   * once. If the log-in is not completed within {@link DatabaseConfig#connectTimeout}, tries the
   * next server, even if the server has accepted the connection. Fails with a {@link
   * DatabaseException} if no server is left.
   */
  public Future<PgConnection> connect() {
    return connect(config.servers().hosts().iterator(), new ArrayList<>());
  }

  private Future<PgConnection> connect(Iterator<DatabaseHost> hosts, List<DatabaseException> seen) {
    var host = hosts.next();
    return connect(host)
        .recover(
            failure -> {
              seen.add(DatabaseException.of(config.at(host), failure));
              return hosts.hasNext()
                  ? connect(hosts, seen)
                  : Future.failedFuture(DatabaseException.ofAll(seen));
            });
  }

  private Future<PgConnection> connect(DatabaseHost host) {
    Promise<PgConnection> first = Promise.promise();
    long timer =
        vertx.setTimer(config.connectTimeout().toMillis(), fired -> first.tryFail(silent(host)));
    var context = vertx.getOrCreateContext();
    options(host)
        .compose(options -> connections.connect(context, options))
        .compose(connection -> wanted(host, connection))
        .compose(this::guarded)
        .onComplete(
            connection -> {
              vertx.cancelTimer(timer);
              // Without a handler, the client would print the server's message at the end of a
              // session.
              connection.exceptionHandler(
                  failure -> LOG.debug("the server reported a failure", failure));
              deliver(connection, first);
            },
            failure -> {
              vertx.cancelTimer(timer);
              first.tryFail(DatabaseException.whenConnecting(config.at(host), failure));
            });
    return first.future();
  }

  /**
   * Returns the client's options for a server. The files that the options need are read on a worker
   * thread, so that a slow disk does not block an event loop.
   */
  private Future<PgConnectOptions> options(DatabaseHost host) {
    return config.readsFiles()
        ? vertx.executeBlocking(() -> config.toConnectOptions(host), false)
        : Future.succeededFuture(config.toConnectOptions(host));
  }

  private Future<SqlConnection> wanted(DatabaseHost host, SqlConnection connection) {
    SocketTracker.of(connection).ifPresent(socket -> channel(socket).attr(HOST).set(host));
    return config
        .servers()
        .target()
        .objection(connection)
        .compose(
            objection ->
                objection.isEmpty()
                    ? Future.succeededFuture(connection)
                    : Future.<SqlConnection>failedFuture(
                        DatabaseException.unwanted(config.at(host), objection.get())))
        .onFailure(failure -> connection.close());
  }

  private static Channel channel(NetSocketInternal socket) {
    return socket.channelHandlerContext().channel();
  }

  /**
   * Returns true if both connections lead to the same server of the URI. If they do not, the
   * database has moved to another server between the two connects, and results from one connection
   * may not hold on the other.
   */
  public static boolean areOfOneServer(PgConnection one, PgConnection other) {
    return server(one).equals(server(other));
  }

  private static Optional<DatabaseHost> server(PgConnection connection) {
    return SocketTracker.of(connection).map(socket -> channel(socket).attr(HOST).get());
  }

  private void deliver(SqlConnection connection, Promise<PgConnection> first) {
    if (first.tryComplete(PgConnection.cast(connection))) {
      sockets.letIn(connection);
    } else {
      connection.close();
    }
  }

  /**
   * Applies the settings of the session. With the keepalive settings, the server notices within
   * half a minute that the relay's host is gone, and frees its locks for a standby; with the
   * default settings, that takes two hours. The other settings restore values that an administrator
   * may have changed for applications. All are set after connecting, because poolers refuse them as
   * start-up parameters.
   */
  private Future<SqlConnection> guarded(SqlConnection connection) {
    String guards = guards(config.properties().keySet());
    return guards.isEmpty()
        ? Future.succeededFuture(connection)
        : connection
            .query(SET.formatted(guards))
            .execute()
            .map(connection)
            .onFailure(failure -> connection.close());
  }

  private static String guards(Set<String> except) {
    return GUARDS.entrySet().stream()
        .filter(guard -> !except.contains(guard.getKey()))
        .map(guard -> "('" + guard.getKey() + "', '" + guard.getValue() + "')")
        .collect(Collectors.joining(", "));
  }

  /**
   * Returns a supplier of the options for a replication connection to the server to which {@code
   * connection} leads. The supplier reads files, so it may block.
   */
  public Supplier<ReplicationOptions> replicationBeside(PgConnection connection) {
    var host = server(connection).orElse(config.servers().hosts().get(0));
    return () -> ReplicationOptions.of(config, host, SET.formatted(guards(Set.of())));
  }

  private DatabaseException silent(DatabaseHost host) {
    return DatabaseException.of(
        config.at(host),
        VertxException.noStackTrace(
            "no answer within "
                + config.connectTimeout().toMillis()
                + " ms (database.connect-timeout)"));
  }

  /**
   * Closes a connection. If the server leaves a query unanswered, for example because the network
   * has failed, the socket is closed by force after two seconds. Always succeeds.
   */
  public Future<Void> close(PgConnection connection) {
    return connection
        .close()
        .timeout(CLOSES_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .recover(silent -> cut(connection))
        .otherwiseEmpty();
  }

  private static Future<Void> cut(PgConnection connection) {
    SocketTracker.of(connection).ifPresent(SocketTracker::cut);
    return Future.succeededFuture();
  }

  /**
   * Calls {@code heard} on the connection's event loop whenever data from the server arrive, even a
   * part of an answer.
   */
  public static void onSignOfLife(PgConnection connection, Runnable heard) {
    SocketTracker.of(connection)
        .map(socket -> socket.channelHandlerContext().pipeline())
        .ifPresent(pipeline -> pipeline.addFirst(teller(heard)));
  }

  private static ChannelInboundHandlerAdapter teller(Runnable heard) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        heard.run();
        context.fireChannelRead(message);
      }
    };
  }

  /**
   * Closes all connections, including the ones that are being opened. If the server does not
   * answer, they are closed by force. No new connection can be opened afterwards. Always succeeds.
   */
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    connections.close(closed);
    return closed
        .future()
        .timeout(CLOSES_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .onFailure(silent -> sockets.cutAll())
        .otherwiseEmpty();
  }
}
