package io.outboxrelay.testkit;

import io.outboxrelay.testkit.FaultProxy.Direction;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;

/** One client's connection through a proxy; lives on one event loop. */
final class ProxyLink {
  private final NetSocket client;
  private final NetSocket server;
  private final ProxyPipe toServer;
  private final ProxyPipe toClient;
  private int open = 2;

  /**
   * Joins two paused sockets.
   *
   * @param gone called when both are closed
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
    // The end, not the close, which may overtake bytes that are still to be read.
    client.endHandler(ended -> toServer.end());
    server.endHandler(ended -> toClient.end());
    client.closeHandler(closed -> closed(gone));
    server.closeHandler(closed -> closed(gone));
    // A reset is told twice: as a failure and as the end, and the end is enough.
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

  Future<Void> cut() {
    return Future.join(client.close(), server.close()).mapEmpty();
  }
}
