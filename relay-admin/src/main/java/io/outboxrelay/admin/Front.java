package io.outboxrelay.admin;

import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import org.jspecify.annotations.Nullable;

/** Where each request goes. */
final class Front {
  /** A larger request is refused. */
  static final int MOST_BYTES = 4 * 1024 * 1024;

  private Front() {}

  /**
   * @param api null if it is off, or cannot be set up
   */
  static Router router(
      Vertx vertx, AdminConfig config, Probes probes, Attempts attempts, @Nullable Router api) {
    var router = Router.router(vertx);
    router.route().handler(new Armour(config.tls().encrypt())).failureHandler(new Refusals());
    probes.mount(router);
    if (api == null) {
      router.route().handler(request -> request.fail(config.api() ? broken() : off()));
    } else {
      router.route("/api/*").handler(new Doorkeeper(config, attempts));
      // Under its own root: the paths of the document are whole ones.
      router.route("/*").subRouter(api);
      router.get().handler(new Console());
      router.route().handler(request -> request.fail(404));
    }
    return router;
  }

  private static Refusal broken() {
    return new Refusal(
        503,
        "the API and the console could not be set up; /health/ready and the relay's log say why."
            + " The relay publishes all the same");
  }

  private static Refusal off() {
    return new Refusal(
        404, "only /health and /metrics are there; the API and the console need admin.api: true");
  }
}
