package io.outboxrelay.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Finds free TCP ports on the loopback interface. */
final class FreePorts {
  // Below the range from which systems take the ports of outgoing connections. Otherwise a client
  // that tries to connect to a stopped server could be given that server's port, and connect to
  // itself.
  private static final int FROM = 13_000;
  private static final int TO = 32_000;

  private FreePorts() {}

  static int free() {
    for (int attempt = 0; attempt < 1_000; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FROM, TO);
      if (isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "No free TCP port was found between %d and %d on the loopback interface."
            .formatted(FROM, TO));
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
