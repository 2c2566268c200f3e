package io.outboxrelay.database;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Opens the sockets of the database client. If the server does not complete the log-in on a socket,
 * closes the socket.
 *
 * <p>The client closes a socket only after the server has answered the pending request. If a server
 * or a pooler accepts connections and does not answer, each attempt would leave an open socket on
 * both sides for that long.
 */
final class SocketTracker extends VertxWrapper {
  private final Duration letInWithin;
  private final Set<NetSocketInternal> open = ConcurrentHashMap.newKeySet();
  private final Set<NetSocketInternal> waiting = ConcurrentHashMap.newKeySet();

  /**
   * @param letInWithin the time after which a socket is closed if {@link #letIn} was not called for
   *     its connection
   */
  SocketTracker(Vertx vertx, Duration letInWithin) {
    super((VertxInternal) vertx);
    this.letInWithin = letInWithin;
  }

  @Override
  public NetClient createNetClient(NetClientOptions options) {
    return new Client(super.createNetClient(options));
  }

  /** Marks a connection as logged in, so that it is not closed after the timeout any more. */
  void letIn(SqlConnection connection) {
    of(connection).ifPresent(waiting::remove);
  }

  /** Closes all sockets, including those with a pending query. */
  void cutAll() {
    open.forEach(SocketTracker::cut);
  }

  /** Returns the socket of a connection. */
  static Optional<NetSocketInternal> of(SqlConnection connection) {
    return ((SqlConnectionInternal) connection).unwrap() instanceof SocketConnectionBase base
        ? Optional.of(base.socket())
        : Optional.empty();
  }

  /**
   * Closes the channel of a socket. It does not close the connection, its factory or the socket
   * object, because the client would then wait for the pending query first.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the connection's close handler is notified
  static void cut(NetSocketInternal socket) {
    socket.channelHandlerContext().pipeline().firstContext().close();
  }

  private NetSocket watch(NetSocket opened) {
    var socket = (NetSocketInternal) opened;
    var channel = socket.channelHandlerContext().channel();
    open.add(socket);
    waiting.add(socket);
    channel
        .closeFuture()
        .addListener(
            gone -> {
              open.remove(socket);
              waiting.remove(socket);
            });
    cutLater(socket, channel);
    return opened;
  }

  /**
   * Closes a socket after {@link #letInWithin} if its connection is not logged in by then. Uses a
   * timer of the event loop and not of Vert.x, because a Vert.x timer ends with the verticle of the
   * caller.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // no caller awaits it
  private void cutLater(NetSocketInternal socket, Channel channel) {
    channel
        .eventLoop()
        .schedule(() -> cutUnlessLetIn(socket), letInWithin.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void cutUnlessLetIn(NetSocketInternal socket) {
    if (waiting.contains(socket)) {
      cut(socket);
    }
  }

  private final class Client implements NetClient {
    private final NetClient client;

    Client(NetClient client) {
      this.client = client;
    }

    @Override
    public Future<NetSocket> connect(int port, String host) {
      return client.connect(port, host).map(SocketTracker.this::watch);
    }

    @Override
    public Future<NetSocket> connect(int port, String host, String serverName) {
      return client.connect(port, host, serverName).map(SocketTracker.this::watch);
    }

    @Override
    public Future<NetSocket> connect(SocketAddress address) {
      return client.connect(address).map(SocketTracker.this::watch);
    }

    @Override
    public Future<NetSocket> connect(SocketAddress address, String serverName) {
      return client.connect(address, serverName).map(SocketTracker.this::watch);
    }

    @Override
    public Future<NetSocket> connect(ConnectOptions options) {
      return client.connect(options).map(SocketTracker.this::watch);
    }

    @Override
    public Future<Void> shutdown(long timeout, TimeUnit unit) {
      return client.shutdown(timeout, unit);
    }

    @Override
    public Future<Boolean> updateSSLOptions(ClientSSLOptions options, boolean force) {
      return client.updateSSLOptions(options, force);
    }
  }
}
