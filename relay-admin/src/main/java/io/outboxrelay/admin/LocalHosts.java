package io.outboxrelay.admin;

import io.vertx.core.Handler;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests for health and metrics with a foreign {@code Host} header if the server listens
 * on a loopback address. The header must be an IP address or a name of this machine. Without this
 * test, a page of another site could make its own host name point to this machine, and read health
 * and metrics in a browser. If the server listens on another address, it accepts every {@code Host}
 * for health and metrics.
 */
final class LocalHosts implements Handler<RoutingContext> {
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*]?");

  private final AdminConfig config;

  LocalHosts(AdminConfig config) {
    this.config = config;
  }

  @Override
  public void handle(RoutingContext request) {
    if (!config.isLoopback() || isOurs(request.request().authority())) {
      request.next();
      return;
    }
    request.fail(
        new ApiException(
            403,
            "the host name in the address is not one of this machine; use "
                + config.host()
                + ", and have a proxy send that as the header Host"));
  }

  private boolean isOurs(@Nullable HostAndPort host) {
    return host != null
        && (AdminConfig.isLoopback(host.host())
            || host.host().equalsIgnoreCase(config.host())
            || ADDRESS.matcher(host.host()).matches());
  }
}
