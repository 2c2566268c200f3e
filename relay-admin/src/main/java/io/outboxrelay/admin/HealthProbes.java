package io.outboxrelay.admin;

import io.outboxrelay.health.HealthReport;
import io.outboxrelay.relay.Relay;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;

/** Serves the liveness, readiness and start-up probes, and the metrics for Prometheus. */
final class HealthProbes {
  private final Vertx vertx;
  private final Relay relay;

  HealthProbes(Vertx vertx, Relay relay) {
    this.vertx = vertx;
    this.relay = relay;
  }

  void mount(Router router) {
    router.get("/health/live").handler(request -> answer(request, relay::live));
    router.get("/health/ready").handler(request -> answer(request, relay::ready));
    router.get("/health/started").handler(request -> answer(request, relay::started));
    router.get("/metrics").handler(this::scrape);
  }

  private static void answer(RoutingContext request, Supplier<HealthReport> asked) {
    var health = asked.get();
    request
        .response()
        .setStatusCode(health.isWell() ? 200 : 503)
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(json(health));
  }

  private static Buffer json(HealthReport health) {
    var parts = new JsonArray();
    for (var part : health.parts()) {
      parts.add(
          new JsonObject()
              .put("name", part.name())
              .put("healthy", part.well())
              .put("message", part.why()));
    }
    return new JsonObject().put("healthy", health.isWell()).put("components", parts).toBuffer();
  }

  /**
   * Writes the metrics on a worker thread, because that takes a few milliseconds and would block
   * the event loop.
   */
  private void scrape(RoutingContext request) {
    vertx
        .executeBlocking(() -> relay.metrics().scrape(), false)
        .onComplete(
            text ->
                request
                    .response()
                    .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                    .end(text),
            request::fail);
  }
}
