package io.outboxrelay.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The container's health check ends with 0 only if the relay reports that it is live. */
class HealthyScriptTest {
  private static final Path SCRIPT = Path.of("..", "packaging", "container", "healthy");

  private final AtomicInteger status = new AtomicInteger(200);
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/health/live",
        exchange -> {
          byte[] body = "{}".getBytes(UTF_8);
          exchange.sendResponseHeaders(status.get(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void liveIsHealthy() throws Exception {
    assertThat(run()).isZero();
  }

  @Test
  void notLiveIsNotHealthy() throws Exception {
    status.set(503);
    assertThat(run()).isNotZero();
  }

  @Test
  void aPortWithoutAnAnswerIsNotHealthy() throws Exception {
    server.stop(0);
    assertThat(run()).isNotZero();
  }

  private int run() throws Exception {
    var script = new ProcessBuilder("bash", SCRIPT.toString()).redirectErrorStream(true);
    script
        .environment()
        .put("OUTBOX_RELAY_ADMIN_PORT", Integer.toString(server.getAddress().getPort()));
    var process = script.start();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }
}
