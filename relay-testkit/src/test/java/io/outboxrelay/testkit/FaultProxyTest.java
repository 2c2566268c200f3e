package io.outboxrelay.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.testkit.FaultProxy.Direction;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class FaultProxyTest {
  private static final int SOON = 10_000;
  private static final int A_WHILE = 300;

  private ServerSocket server;
  private FaultProxy proxy;
  private Socket client;
  private Socket served;

  @BeforeEach
  void connect() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy = FaultProxy.to("127.0.0.1", server.getLocalPort());
    client = connectClient();
    served = server.accept();
    served.setSoTimeout(SOON);
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    client.close();
    served.close();
    server.close();
  }

  @Test
  void bytesPassBothWaysUntouched() throws IOException {
    client.getOutputStream().write("ping".getBytes(US_ASCII));
    assertThat(read(served, 4)).isEqualTo("ping".getBytes(US_ASCII));
    served.getOutputStream().write("pong".getBytes(US_ASCII));
    assertThat(read(client, 4)).isEqualTo("pong".getBytes(US_ASCII));
  }

  @Test
  void aSideThatDoesNotReadHoldsTheOtherBackAndLosesNothing() throws Exception {
    var much = new byte[64 << 20];
    new Random(1).nextBytes(much);
    var written =
        CompletableFuture.runAsync(
            () -> {
              try {
                client.getOutputStream().write(much);
                client.close();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(written).failsWithin(Duration.ofMillis(A_WHILE));
    assertThat(read(served, much.length)).isEqualTo(much);
    assertThat(written).succeedsWithin(Duration.ofSeconds(10));
    assertThat(served.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void latencyDelaysBothWays() throws IOException {
    proxy.latency(Duration.ofMillis(200));
    long start = System.nanoTime();
    client.getOutputStream().write(1);
    read(served, 1);
    served.getOutputStream().write(1);
    read(client, 1);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(399));
  }

  @Test
  void bandwidthIsNotExceeded() throws IOException {
    proxy.bandwidth(100_000);
    long start = System.nanoTime();
    client.getOutputStream().write(new byte[50_000]);
    read(served, 50_000);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(450));
  }

  @Test
  void aBlackHoleSwallowsOneWayAndGivesBackWhenHealed() throws IOException {
    proxy.blackHole(Direction.TO_CLIENT);
    client.getOutputStream().write(1);
    assertThat(read(served, 1)).containsExactly(1);
    served.getOutputStream().write(2);
    assertThatNothingReaches(client);
    proxy.heal();
    assertThat(read(client, 1)).containsExactly(2);
  }

  @Test
  void aBlackHoleKeepsBackTheEndOfAConnectionToo() throws IOException {
    proxy.blackHole(Direction.BOTH);
    served.close();
    assertThatNothingReaches(client);
    proxy.heal();
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void aBlackHoleAcceptsNewConnections() throws IOException {
    proxy.blackHole(Direction.BOTH);
    try (var another = connectClient()) {
      another.getOutputStream().write(1);
      assertThatNothingReaches(another);
    }
  }

  @Test
  void aHostThatVanishedAnswersNoKeepaliveProbe() throws IOException {
    try (var vanishing = FaultProxy.onNativeSockets("127.0.0.1", server.getLocalPort())) {
      assumeTrue(vanishing.canVanish(), "there are no native sockets");
      try (var lost = new Socket(InetAddress.getLoopbackAddress(), vanishing.port());
          var alsoServed = server.accept()) {
        lost.getOutputStream().write(1);
        assertThat(read(alsoServed, 1)).containsExactly(1);
        alsoServed.setKeepAlive(true);
        alsoServed.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 1);
        alsoServed.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 1);
        alsoServed.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 1);

        vanishing.vanish();

        assertThatThrownBy(() -> alsoServed.getInputStream().read())
            .isInstanceOf(SocketException.class)
            .hasMessageContaining("timed out");
        assertThatNothingReaches(lost);
        vanishing.heal();
        assertThat(endOf(lost)).isTrue();
      }
    }
  }

  @Test
  void cutClosesAllConnectionsAndWelcomesNewOnes() throws IOException {
    proxy.cut();
    assertThat(endOf(client)).isTrue();
    assertThat(endOf(served)).isTrue();
    try (var another = connectClient();
        var alsoServed = server.accept()) {
      another.getOutputStream().write(1);
      assertThat(alsoServed.getInputStream().read()).isEqualTo(1);
    }
  }

  @Test
  void refuseIsLikeAServerThatIsDownUntilHealed() throws IOException {
    proxy.refuse();
    assertThat(endOf(client)).isTrue();
    assertThatThrownBy(this::connectClient).isInstanceOf(ConnectException.class);
    proxy.heal();
    connectClient().close();
  }

  @Test
  void aServerThatIsGoneClosesTheConnection() throws IOException {
    server.close();
    try (var another = connectClient()) {
      assertThat(endOf(another)).isTrue();
    }
  }

  @Test
  void oneSidesEndReachesTheOther() throws IOException {
    client.close();
    assertThat(endOf(served)).isTrue();
  }

  @Test
  void connectionsCutWhileTheyAreMadeAreNotLeftHalfOpen() throws Exception {
    var clients = new ArrayList<Socket>();
    for (int i = 0; i < 40; i++) {
      clients.add(connectClient());
      proxy.cut();
    }
    // Connections are accepted in order, so once this one is served, all earlier ones were
    // accepted.
    clients.add(connectClient());
    clients.get(40).getOutputStream().write(1);
    var served = acceptUntilServed();

    proxy.cut();

    assertThat(clients).allSatisfy(socket -> assertThat(endOf(socket)).isTrue());
    assertThat(served).allSatisfy(socket -> assertThat(endOf(socket)).isTrue());
  }

  private List<Socket> acceptUntilServed() throws IOException {
    var accepted = new ArrayList<Socket>();
    server.setSoTimeout(A_WHILE);
    while (accepted.stream().noneMatch(FaultProxyTest::hasBytes)) {
      try {
        var socket = server.accept();
        socket.setSoTimeout(SOON);
        accepted.add(socket);
      } catch (SocketTimeoutException e) {
        // All connections are accepted, and the byte has not arrived yet.
      }
    }
    return accepted;
  }

  private static boolean hasBytes(Socket socket) {
    try {
      return socket.getInputStream().available() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  private Socket connectClient() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(SOON);
    return socket;
  }

  private static byte[] read(Socket socket, int length) throws IOException {
    var bytes = new byte[length];
    new DataInputStream(socket.getInputStream()).readFully(bytes);
    return bytes;
  }

  private static boolean endOf(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  private static void assertThatNothingReaches(Socket socket) throws IOException {
    socket.setSoTimeout(A_WHILE);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(SOON);
  }
}
