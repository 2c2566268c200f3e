package io.outboxrelay.database;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;

/**
 * Accepts one connection and reads from it, but never answers, not even if the client ends the
 * connection, like a process that is frozen.
 */
final class SilentServer implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final CompletableFuture<Void> hello = new CompletableFuture<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private final Thread listening = new Thread(this::listen, "silent-server");

  SilentServer() throws IOException {
    listening.start();
  }

  private void listen() {
    try (var client = server.accept()) {
      var said = client.getInputStream();
      if (said.read() >= 0) {
        hello.complete(null);
      }
      while (said.read() >= 0) {
        // Discards what the client sends, until it ends the connection.
      }
      end.complete(null);
      over.join();
    } catch (IOException e) {
      hello.completeExceptionally(e);
      end.completeExceptionally(e);
    }
  }

  /**
   * Returns a URI without encryption, because the client would otherwise first ask for encryption.
   */
  String uri() {
    return "postgresql://nobody@127.0.0.1:" + server.getLocalPort() + "/nothing?sslmode=disable";
  }

  /** Waits until the client has sent its start-up message. */
  void awaitHello() throws Exception {
    hello.get(20, SECONDS);
  }

  /** Waits until the client has ended the connection. */
  void awaitEnd() throws Exception {
    end.get(20, SECONDS);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    over.complete(null);
    server.close();
    listening.join();
  }
}
