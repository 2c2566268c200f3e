package io.outboxrelay.admin;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** Connects each path to its handler. */
final class AdminRoutes {
  private AdminRoutes() {}

  /**
   * The handlers that each request passes before the handler of its path.
   *
   * @param connections limits the connections
   * @param armour adds the security headers
   * @param authentication authenticates the callers of the API; other requests do not pass it
   */
  record Guards(
      ConnectionLimits connections,
      SecurityHeadersHandler armour,
      AuthenticationHandler authentication) {}

  /**
   * Returns the router of the server.
   *
   * @param api the router of the API; null if the API is switched off or could not be set up
   */
  static Router router(
      Vertx vertx, AdminConfig config, Guards guards, HealthProbes probes, @Nullable Router api) {
    var router = Router.router(vertx);
    var refusals = new ErrorHandler();
    for (int status : new int[] {400, 404, 405, 406, 415, 500}) {
      router.errorHandler(status, refusals);
    }
    router
        .route()
        .handler(
            request -> {
              request.addEndHandler(answered -> guards.connections().ended(request.request()));
              request.next();
            })
        .failureHandler(refusals);
    router.route().handler(guards.armour());
    var local = new LocalHosts(config);
    router.route("/health/*").handler(local);
    router.route("/metrics").handler(local);
    probes.mount(router);
    if (api == null) {
      router.route().handler(request -> request.fail(config.api() ? broken() : off()));
    } else {
      router.get().handler(new ConsoleFiles());
      // All other requests pass this handler: it authenticates those to the API, and refuses the
      // rest.
      router.route().handler(request -> onlyTheApi(request, guards.authentication()));
      // The API is mounted at the root, because the paths in openapi.yaml are complete.
      router.route("/*").subRouter(api);
    }
    return router;
  }

  private static void onlyTheApi(
      RoutingContext request, AuthenticationHandler authenticationHandler) {
    if (request.normalizedPath().startsWith("/api/")) {
      authenticationHandler.handle(request);
    } else {
      var method = request.request().method();
      request.fail(method.equals(HttpMethod.GET) ? 404 : 405);
    }
  }

  private static ApiException broken() {
    return new ApiException(
        503,
        "the API and the console could not be set up; /health/ready and the relay's log say why."
            + " Publishing is not affected");
  }

  private static ApiException off() {
    return new ApiException(
        404, "only /health and /metrics are served; the API and the console need admin.api: true");
  }
}
