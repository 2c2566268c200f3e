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
 * Opens the sockets of the database client, and closes those that a server keeps waiting.
 *
 * <p>The client closes a socket once the server has answered what it was asked, and at no other
 * time. Where a server or a pooler takes connections and says nothing, each attempt would leave one
 * behind, on both sides, for as long as that lasts.
 */
final class SocketTracker extends VertxWrapper {
  private final Duration letInWithin;
  private final Set<NetSocketInternal> open = ConcurrentHashMap.newKeySet();
  private final Set<NetSocketInternal> waiting = ConcurrentHashMap.newKeySet();

  /**
   * @param letInWithin after which a socket is closed, unless told that the server {@link #letIn
   *     let it in}
   */
  SocketTracker(Vertx vertx, Duration letInWithin) {
    super((VertxInternal) vertx);
    this.letInWithin = letInWithin;
  }

  @Override
  public NetClient createNetClient(NetClientOptions options) {
    return new Client(super.createNetClient(options));
  }

  /** From now on, how long the server takes is the business of whoever asks it. */
  void letIn(SqlConnection connection) {
    of(connection).ifPresent(waiting::remove);
  }

  /** Closes all there are, whatever they wait for. */
  void cutAll() {
    open.forEach(SocketTracker::cut);
  }

  /** The one below a connection. */
  static Optional<NetSocketInternal> of(SqlConnection connection) {
    return ((SqlConnectionInternal) connection).unwrap() instanceof SocketConnectionBase base
        ? Optional.of(base.socket())
        : Optional.empty();
  }

  /**
   * The client waits for the query under way, whatever is closed: itself, its factory, its socket.
   * So this goes past it.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the connection's close handler is told
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

  /** Not with a timer of the caller's, which a verticle takes with it. */
  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
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
