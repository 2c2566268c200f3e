package io.outboxrelay.admin;

import io.vertx.core.Handler;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages of other sites from reading health and metrics of a server that only this machine
 * reaches, by a name of theirs that points here: the header {@code Host} must be an address or this
 * machine's name, if the server listens on a loopback address. A server that others reach tells
 * them health and metrics, whatever they call it.
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
            "the name in the address is not this machine's; ask "
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
