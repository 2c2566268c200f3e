package io.outboxrelay.testkit;

import io.outboxrelay.testkit.FaultProxy.Direction;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;

/** One client's connection through a proxy. Used on one event loop only. */
final class ProxyLink {
  private final NetSocket client;
  private final NetSocket server;
  private final ProxyPipe toServer;
  private final ProxyPipe toClient;
  private int open = 2;

  /**
   * Connects two paused sockets, so that each gets the bytes of the other.
   *
   * @param gone called when both sockets are closed
   */
  ProxyLink(
      Vertx vertx,
      NetSocket client,
      NetSocket server,
      ProxyFaults faults,
      Consumer<ProxyLink> gone) {
    this.client = client;
    this.server = server;
    this.toServer = new ProxyPipe(vertx, client, server, Direction.TO_SERVER, faults);
    this.toClient = new ProxyPipe(vertx, server, client, Direction.TO_CLIENT, faults);
    // The end handler is used, because the close handler may run before the last bytes are read.
    client.endHandler(ended -> toServer.end());
    server.endHandler(ended -> toClient.end());
    client.closeHandler(closed -> closed(gone));
    server.closeHandler(closed -> closed(gone));
    // A reset needs no action here, because the end handler runs after a reset as well.
    client.exceptionHandler(reset -> {});
    server.exceptionHandler(reset -> {});
    client.resume();
    server.resume();
  }

  private void closed(Consumer<ProxyLink> gone) {
    if (--open == 0) {
      gone.accept(this);
    }
  }

  void healed() {
    toServer.healed();
    toClient.healed();
  }

  /** Makes the kernel drop all packets from the server from now on. */
  void ignoreServer() {
    PacketFilter.dropAll(server);
  }

  Future<Void> cut() {
    return Future.join(client.close(), server.close()).mapEmpty();
  }
}
