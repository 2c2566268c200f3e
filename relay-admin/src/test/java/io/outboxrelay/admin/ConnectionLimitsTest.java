package io.outboxrelay.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionLimitsTest {
  private final AtomicLong clock = new AtomicLong();
  private final Vertx vertx = Vertx.vertx();
  private final ConnectionLimits limits = new ConnectionLimits(2, clock::get);
  private HttpServer server;

  @BeforeEach
  void listen() {
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
            .connectionHandler(limits::opened)
            .requestHandler(
                request -> {
                  limits.began(request);
                  request.response().endHandler(answered -> limits.ended(request));
                  request.response().end("well");
                })
            .listen(0, "127.0.0.1")
            .await();
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void oneTooManyClosesTheOneThatHasWaitedLongest() throws IOException {
    try (var first = new RawCaller(server.actualPort());
        var second = answered();
        var third = answered()) {
      assertThat(first.rest()).isEmpty();
      assertThat(second.send("GET / HTTP/1.1", "Host: a", "").statusLine()).contains("200");
      assertThat(third.send("GET / HTTP/1.1", "Host: a", "").statusLine()).contains("200");
    }
  }

  @Test
  void headersThatComeByteByByteDoNotKeepAConnection() throws IOException {
    try (var slow = new RawCaller(server.actualPort()).sendText("GET / HT")) {
      await().until(() -> limits.open() == 1);
      clock.addAndGet(ConnectionLimits.FIRST_REQUEST.toNanos() + 1);
      limits.closeLate();
      assertThat(slow.rest()).isEmpty();
    }
  }

  private RawCaller answered() throws IOException {
    var caller = new RawCaller(server.actualPort()).send("GET / HTTP/1.1", "Host: a", "");
    assertThat(caller.statusLine()).contains("200");
    caller.skip("\r\n\r\nwell");
    return caller;
  }
}
