package io.outboxrelay.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers whoever wants to know how a relay is, and does what an operator asks.
 *
 * <p>The relay does not depend on it: where the port is taken it publishes all the same, and the
 * port is tried again.
 */
public final class Admin {
  private static final Logger LOG = LoggerFactory.getLogger(Admin.class);
  private static final Duration TRIED_AGAIN_AFTER = Duration.ofSeconds(5);
  private static final int IDLE_SECONDS = 60;

  private final Vertx vertx;
  private final AdminConfig config;
  private final Probes probes;
  private final Standpoint standpoint;
  private @Nullable Api api;
  private final Attempts attempts;
  private final Handshakes handshakes = new Handshakes();
  private @Nullable HttpServer server;
  private boolean closed;
  private boolean saidTaken;
  private long timer = -1;

  private Admin(Vertx vertx, AdminConfig config, Standpoint standpoint) {
    this.vertx = vertx;
    this.config = config;
    this.standpoint = standpoint;
    this.probes = new Probes(vertx, standpoint.relay());
    this.attempts = new Attempts(standpoint.relay().meters()::wrongToken);
  }

  /** Makes a server that listens from {@link #start} on. */
  public static Admin create(Vertx vertx, AdminConfig config, Standpoint standpoint) {
    return new Admin(vertx, config, standpoint);
  }

  /** Begins to listen; completes when it does, or when the port turned out to be taken. */
  public Future<Void> start() {
    if (!config.enabled()) {
      return Future.succeededFuture();
    }
    return api().compose(this::listen);
  }

  private Future<@Nullable Router> api() {
    if (!config.api()) {
      return Future.succeededFuture();
    }
    var opened = new Api(vertx, standpoint);
    api = opened;
    return opened.start(vertx).map(router -> router);
  }

  private Future<Void> listen(@Nullable Router api) {
    var router = Front.router(vertx, config, probes, attempts, api);
    var opened =
        vertx
            .createHttpServer(
                config
                    .tls()
                    .applyTo(
                        new HttpServerOptions()
                            .setHost(config.host())
                            .setPort(config.port())
                            .setIdleTimeout(IDLE_SECONDS)
                            .setCompressionSupported(true)))
            .exceptionHandler(handshakes::failed)
            .requestHandler(router);
    return opened
        .listen()
        .map(listening -> listening(opened))
        .recover(failure -> later(api, failure));
  }

  private synchronized @Nullable Void listening(HttpServer opened) {
    if (closed) {
      opened.close();
      return null;
    }
    server = opened;
    LOG.info("admin listens on {}", address());
    return null;
  }

  private String address() {
    String host =
        config.host().contains(":") && !config.host().startsWith("[")
            ? "[" + config.host() + "]"
            : config.host();
    return (config.tls().encrypt() ? "https://" : "http://") + host + ":" + port();
  }

  /** The port that it listens on; 0 where it does not. */
  public synchronized int port() {
    return server == null ? 0 : server.actualPort();
  }

  private synchronized Future<Void> later(@Nullable Router api, Throwable failure) {
    if (!saidTaken) {
      saidTaken = true;
      LOG.warn(
          "admin cannot listen on {}:{} ({}); the relay publishes all the same, and this is tried"
              + " again every {} s. Set admin.port to another, or admin.enabled: false",
          config.host(),
          config.port(),
          failure.getMessage(),
          TRIED_AGAIN_AFTER.toSeconds());
    }
    if (!closed) {
      timer = vertx.setTimer(TRIED_AGAIN_AFTER.toMillis(), again -> listen(api));
    }
    return Future.succeededFuture();
  }

  /** Stops listening. */
  public synchronized Future<Void> close() {
    closed = true;
    vertx.cancelTimer(timer);
    var open = server;
    var asked = api;
    return (open == null ? Future.<Void>succeededFuture() : open.close())
        .eventually(() -> asked == null ? Future.succeededFuture() : asked.close());
  }
}
