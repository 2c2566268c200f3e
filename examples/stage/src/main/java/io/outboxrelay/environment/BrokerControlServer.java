package io.outboxrelay.environment;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.outboxrelay.testkit.TestBroker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Lets a load test break the broker during its run: {@code POST /broker/stop} and {@code POST
 * /broker/restart} answer when the broker has stopped or restarted.
 */
final class BrokerControlServer implements AutoCloseable {
  private final HttpServer server;

  BrokerControlServer(TestBroker broker) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    Map.<String, Runnable>of("/broker/stop", broker::stop, "/broker/restart", broker::restart)
        .forEach((path, act) -> server.createContext(path, request -> answer(request, act)));
    server.start();
  }

  private static void answer(HttpExchange request, Runnable act) throws IOException {
    int status = 200;
    String said = "done";
    if (!request.getRequestMethod().equals("POST")) {
      status = 405;
      said = "use POST";
    } else {
      try {
        act.run();
      } catch (RuntimeException e) {
        status = 500;
        said = e.toString();
      }
    }
    var body = said.getBytes(StandardCharsets.UTF_8);
    request.sendResponseHeaders(status, body.length);
    try (var out = request.getResponseBody()) {
      out.write(body);
    }
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
