package io.outboxrelay.testkit;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds free TCP ports on the loopback interface.
 *
 * <p>A port is reserved on this machine until the calling process ends. Without a reservation, two
 * test runs that start servers at the same time could get the same port, because a server binds its
 * port only seconds after the port was found.
 *
 * <p>This class is thread-safe.
 */
public final class FreePorts {
  // The ports lie below the range from which systems choose the ports of outgoing connections.
  // Otherwise a client that tries to connect to a stopped server could be given that server's port,
  // and connect to itself.
  private static final int FROM = 13_000;
  private static final int TO = 32_000;

  /**
   * The UDP sockets that reserve the TCP ports with the same numbers. The system allows only one
   * such socket for a number, and closes it when the process ends. A server can nevertheless use
   * the TCP port.
   */
  private static final Queue<DatagramSocket> RESERVATIONS = new ConcurrentLinkedQueue<>();

  private FreePorts() {}

  /** Returns a port on which no program listens now. */
  public static int free() {
    for (int attempt = 0; attempt < 1_000; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FROM, TO);
      if (isFree(port) && reserve(port)) {
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

  /** Reserves a port. Returns false if another caller has reserved it. */
  private static boolean reserve(int port) {
    try {
      RESERVATIONS.add(
          new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
      return true;
    } catch (SocketException e) {
      return false;
    }
  }
}
