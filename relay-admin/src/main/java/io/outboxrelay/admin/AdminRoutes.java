package io.outboxrelay.admin;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** Where each request goes. */
final class AdminRoutes {
  private AdminRoutes() {}

  /**
   * @param api null if it is off, or cannot be set up
   */
  static Router router(
      Vertx vertx,
      AdminConfig config,
      ConnectionLimits connections,
      SecurityHeadersHandler armour,
      HealthProbes probes,
      AuthenticationHandler authenticationHandler,
      @Nullable Router api) {
    var router = Router.router(vertx);
    var refusals = new ErrorHandler();
    for (int status : new int[] {400, 404, 405, 406, 415, 500}) {
      router.errorHandler(status, refusals);
    }
    router
        .route()
        .handler(
            request -> {
              request.addEndHandler(answered -> connections.ended(request.request()));
              request.next();
            })
        .failureHandler(refusals);
    router.route().handler(armour);
    var local = new LocalHosts(config);
    router.route("/health/*").handler(local);
    router.route("/metrics").handler(local);
    probes.mount(router);
    if (api == null) {
      router.route().handler(request -> request.fail(config.api() ? broken() : off()));
    } else {
      router.get().handler(new ConsoleFiles());
      // All that is left: requests of the API pass the doorkeeper, and nothing else goes on.
      router.route().handler(request -> onlyTheApi(request, authenticationHandler));
      // Under its own root: the paths of the document are whole ones.
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
            + " The relay publishes all the same");
  }

  private static ApiException off() {
    return new ApiException(
        404, "only /health and /metrics are there; the API and the console need admin.api: true");
  }
}
