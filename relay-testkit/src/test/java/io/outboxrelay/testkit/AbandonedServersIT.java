package io.outboxrelay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class AbandonedServersIT {
  private static final String STARTED = "started on ";

  @Test
  void serversEndAndTheirDataGoesWhenTheirJvmIsKilled(@TempDir Path directory) throws Exception {
    assumeFalse(ContainerEngine.available(), "containers are ended by their engine");
    // PostgreSQL may run as another user, which needs access to this folder.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var jvm = startServers(directory);
    try {
      var ports = awaitPorts(jvm.inputReader(StandardCharsets.UTF_8));
      assertThat(ports).isNotEmpty().allSatisfy(port -> connect(port).close());

      jvm.destroyForcibly().waitFor();

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(directory).isEmptyDirectory());
      assertThat(ports)
          .allSatisfy(
              port -> assertThatThrownBy(() -> connect(port)).isInstanceOf(ConnectException.class));
    } finally {
      jvm.destroyForcibly();
    }
  }

  private static Process startServers(Path directory) throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.io.tmpdir=" + directory,
            "-cp",
            System.getProperty("java.class.path"),
            Servers.class.getName());
    // A server that is given by its address is never ended by the tests.
    builder.environment().keySet().removeIf(name -> name.startsWith("OUTBOX_TEST_"));
    return builder.redirectErrorStream(true).start();
  }

  private static List<Integer> awaitPorts(BufferedReader output) throws IOException {
    for (var line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(STARTED)) {
        return Arrays.stream(line.substring(STARTED.length()).split(" "))
            .map(Integer::valueOf)
            .toList();
      }
    }
    throw new AssertionError("the servers did not start");
  }

  private static Socket connect(int port) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  /** Starts one server of each kind and waits to be killed. */
  static final class Servers {
    private Servers() {}

    public static void main(String[] arguments) throws InterruptedException {
      System.out.printf(
          "%s%d %d %d%n",
          STARTED,
          PostgresServer.shared().port(),
          KafkaServer.shared().port(),
          RabbitServer.shared().port());
      new CountDownLatch(1).await();
    }
  }
}
