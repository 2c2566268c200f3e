package io.outboxrelay.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the HTTP endpoints of a relay: health, metrics, the API and the console.
 *
 * <p>The relay does not depend on this server. If the port is taken or a TLS file cannot be used,
 * the relay still publishes, and the server tries to listen again every few seconds. If the API
 * cannot be set up, only health and metrics are served. The reason is in the log and in the relay's
 * {@link io.outboxrelay.health.SecondaryParts}.
 */
public final class AdminServer {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final String SERVER = "admin";
  private static final String API = "api";
  private static final Duration TRIED_AGAIN_AFTER = Duration.ofSeconds(5);
  private static final int IDLE_SECONDS = 60;

  /**
   * The longest request address, in bytes. It has room for a text of a thousand characters, because
   * a percent-encoded character takes up to twelve bytes.
   */
  private static final int LONGEST_ADDRESS = 16 * 1024;

  /** The most requests that one HTTP/2 connection may have open at a time. */
  private static final int STREAMS = 20;

  private final Vertx vertx;
  private final AdminConfig config;
  private final HealthProbes probes;
  private final RelayInfo relayInfo;
  private @Nullable ApiRouter api;
  private final FailedAuthLimiter attempts;
  private final ConnectionLimits connections = new ConnectionLimits();
  private final TlsHandshakeLogger handshakes = new TlsHandshakeLogger();
  private @Nullable HttpServer server;
  private @Nullable AuthenticationHandler authenticationHandler;
  private boolean closed;
  private @Nullable String saidWhyNot;
  private long timer = -1;
  private long watch = -1;

  private AdminServer(Vertx vertx, AdminConfig config, RelayInfo relayInfo) {
    this.vertx = vertx;
    this.config = config;
    this.relayInfo = relayInfo;
    this.probes = new HealthProbes(vertx, relayInfo.relay());
    this.attempts = new FailedAuthLimiter(relayInfo.relay().metrics()::wrongToken);
  }

  /** Creates a server that listens after {@link #start}. */
  public static AdminServer create(Vertx vertx, AdminConfig config, RelayInfo relayInfo) {
    return new AdminServer(vertx, config, relayInfo);
  }

  /** Begins to listen; completes when the server listens, or when the first attempt has failed. */
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
    return Future.succeededFuture()
        .compose(begun -> open().start(vertx))
        .<@Nullable Router>map(router -> router)
        .recover(failure -> withoutApi(failure));
  }

  private ApiRouter open() {
    var opened = new ApiRouter(vertx, relayInfo);
    api = opened;
    return opened;
  }

  private Future<@Nullable Router> withoutApi(Throwable failure) {
    LOG.error(
        "the API and the console cannot be set up, so only /health and /metrics are served;"
            + " publishing is not affected. Please report it with these lines",
        failure);
    relayInfo.relay().secondary().fails(API, "it cannot be set up: " + said(failure));
    return Future.succeededFuture();
  }

  private static String said(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  /**
   * Returns the handler that authenticates callers. All attempts to listen share one handler,
   * because each handler starts a timer that reads the tokens again.
   */
  private AuthenticationHandler authenticationHandler() {
    var only = authenticationHandler;
    if (only == null) {
      only = new AuthenticationHandler(vertx, config, attempts, this::noteRefused);
      authenticationHandler = only;
    }
    return only;
  }

  /**
   * Tries once to listen. The result fails if the server cannot listen. If a TLS file cannot be
   * used, this method may throw instead.
   */
  private Future<Void> listen(@Nullable Router api) {
    return Future.succeededFuture()
        .compose(begun -> tryToListen(api))
        .recover(failure -> later(api, failure));
  }

  private Future<Void> tryToListen(@Nullable Router api) {
    var armour = new SecurityHeadersHandler(config.tls().encrypt());
    var router =
        AdminRoutes.router(
            vertx,
            config,
            new AdminRoutes.Guards(connections, armour, authenticationHandler()),
            probes,
            api);
    var screen = new RequestScreen(connections, armour, router);
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
                            .setMaxInitialLineLength(LONGEST_ADDRESS)
                            .setHttp2ClearTextEnabled(false)
                            .setInitialSettings(
                                new Http2Settings().setMaxConcurrentStreams(STREAMS))
                            .setCompressionSupported(true)))
            .exceptionHandler(handshakes::failed)
            .connectionHandler(connections::opened)
            .invalidRequestHandler(screen::handleInvalid)
            .requestHandler(screen);
    return opened.listen().map(listening -> listening(opened));
  }

  private void noteRefused(Identity caller, String what, ApiException refusal) {
    var asked = api;
    if (asked != null) {
      asked.noteRefused(caller, what, refusal);
    }
  }

  private synchronized @Nullable Void listening(HttpServer opened) {
    if (closed) {
      opened.close();
      return null;
    }
    server = opened;
    relayInfo.relay().secondary().runs(SERVER);
    watch = connections.watch(vertx);
    LOG.info("admin listens on {}", address());
    if (config.exposesTokens()) {
      LOG.warn(
          "admin.api is on, admin.host can be reached from other machines and admin.tls.certificate"
              + " is not set, so tokens go over the network as they are; set admin.tls.certificate"
              + " and admin.tls.key, unless a proxy on this machine or in this pod encrypts");
    }
    return null;
  }

  private String address() {
    String host =
        config.host().contains(":") && !config.host().startsWith("[")
            ? "[" + config.host() + "]"
            : config.host();
    return (config.tls().encrypt() ? "https://" : "http://") + host + ":" + port();
  }

  /** Returns the port that the server listens on; 0 if it does not listen. */
  public synchronized int port() {
    return server == null ? 0 : server.actualPort();
  }

  private synchronized Future<Void> later(@Nullable Router api, Throwable failure) {
    String why =
        "admin cannot listen on %s:%d (%s)".formatted(config.host(), config.port(), said(failure));
    relayInfo.relay().secondary().fails(SERVER, why);
    if (!why.equals(saidWhyNot)) {
      saidWhyNot = why;
      LOG.warn(
          "{}; publishing is not affected, and this is tried again every {} s. Set admin.port"
              + " to another{}, or admin.enabled: false",
          why,
          TRIED_AGAIN_AFTER.toSeconds(),
          config.tls().encrypt() ? ", correct the files of admin.tls" : "");
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
    vertx.cancelTimer(watch);
    var open = server;
    var asked = api;
    return (open == null ? Future.<Void>succeededFuture() : open.close())
        .eventually(() -> asked == null ? Future.succeededFuture() : asked.close());
  }
}
