package io.outboxrelay.publish;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The {@link Broker} that connects to a {@link MemoryBroker}. */
record MemoryBrokerClient(
    String address,
    Ordering ordering,
    Template template,
    Optional<String> header,
    long maxBytes,
    Optional<Secret> password)
    implements Broker {
  private static final long ANSWERS_WITHIN_MILLIS = 1_000;

  static MemoryBrokerClient from(Settings in) {
    return new MemoryBrokerClient(
        in.requiredText("address"),
        in.choice("ordering", Ordering.PIPELINED),
        in.template("destination", Template::parse, "${aggregate_type}"),
        in.optionalText("destination-header"),
        in.size("max-bytes", 64L << 20),
        in.secret("password"));
  }

  @Override
  public String destination(OutboxEvent event) {
    return header
        .flatMap(name -> Optional.ofNullable(event.headers().get(name)))
        .orElseGet(() -> template.of(event));
  }

  @Override
  public Broker redirectedTo(String destination) {
    return new MemoryBrokerClient(
        address, ordering, Template.parse(destination), Optional.empty(), maxBytes, password);
  }

  @Override
  public String summary() {
    return "memory at " + address + ", destination " + template;
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    var server = MemoryBroker.at(address);
    if (server == null) {
      return Future.failedFuture(silent());
    }
    var publisher = new MemoryPublisher(vertx, server, this);
    Promise<Publisher> connected = Promise.promise();
    vertx.setTimer(ANSWERS_WITHIN_MILLIS, late -> failIfPaused(connected, server, vertx));
    server.ping(
        failure -> {
          if (failure == null) {
            connected.tryComplete(publisher);
          } else {
            connected.tryFail(failure);
          }
        });
    return connected.future();
  }

  /**
   * Fails the connect if the broker is paused. There is no timeout for a broker that runs, because
   * it answers even on a busy machine.
   */
  private void failIfPaused(Promise<Publisher> connected, MemoryBroker server, Vertx vertx) {
    if (server.isPaused()) {
      connected.tryFail(silent());
    } else if (!connected.future().isComplete()) {
      vertx.setTimer(ANSWERS_WITHIN_MILLIS, late -> failIfPaused(connected, server, vertx));
    }
  }

  private PublishException.Retryable silent() {
    return new PublishException.Retryable(address + " does not answer", null);
  }

  @Override
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    var server = MemoryBroker.at(address);
    if (server == null) {
      return Future.succeededFuture(
          List.of(Finding.problem(address + " does not answer", "start it")));
    }
    var findings = new ArrayList<Finding>();
    findings.add(Finding.ok(address + " answers"));
    for (var sample : samples) {
      String destination = destination(sample);
      findings.add(
          server.has(destination)
              ? Finding.ok("the destination " + destination + " is there")
              : Finding.problem("there is no destination " + destination, "create it"));
    }
    return Future.succeededFuture(findings);
  }
}
