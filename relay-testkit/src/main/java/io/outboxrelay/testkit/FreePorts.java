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
 * <p>A port is reserved on this machine as long as the calling process runs. Without a reservation,
 * two test runs that start servers at the same time could get one port, because a server binds its
 * port seconds after the port was found.
 *
 * <p>Thread-safe.
 */
public final class FreePorts {
  // Below the range from which systems take the ports of outgoing connections. Otherwise a client
  // that tries to connect to a stopped server could be given that server's port, and connect to
  // itself.
  private static final int FROM = 13_000;
  private static final int TO = 32_000;

  /**
   * UDP sockets that reserve the TCP ports of the same numbers. The system allows one such socket
   * of a number, closes it when the process ends, and lets a server use the TCP port all the same.
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

  /** Reserves the port, unless another caller has it. */
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
