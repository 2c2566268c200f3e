package io.outboxrelay.admin;

import io.outboxrelay.relay.Relay;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What whoever runs the process asks before it restarts it or relies on it. */
final class Probes {
  private final Relay relay;
  private final Future<Void> started;

  /**
   * @param started completes when database and broker have both answered
   */
  Probes(Relay relay, Future<Void> started) {
    this.relay = relay;
    this.started = started;
  }

  void mount(Router router) {
    router.get("/health/live").handler(request -> answer(request, this::live));
    router.get("/health/ready").handler(request -> answer(request, this::ready));
    router.get("/health/started").handler(request -> answer(request, this::started));
  }

  private static void answer(RoutingContext request, Supplier<Health> asked) {
    var health = asked.get();
    request
        .response()
        .setStatusCode(health.isWell() ? 200 : 503)
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(health.toJson().toBuffer());
  }

  private Health live() {
    return new Health(List.of(new Health.Part("process", true, "it answers")));
  }

  private Health started() {
    return new Health(List.of(beginning()));
  }

  private Health.Part beginning() {
    boolean over = started.succeeded();
    return new Health.Part(
        "start",
        over,
        over ? "database and broker have answered" : "database or broker have not answered yet");
  }

  private Health ready() {
    var state = relay.state();
    return new Health(
        List.of(
            beginning(),
            new Health.Part("relay", true, "it is " + state.name().toLowerCase(Locale.ROOT))));
  }
}
