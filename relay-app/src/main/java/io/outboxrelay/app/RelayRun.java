package io.outboxrelay.app;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.outboxrelay.admin.AdminServer;
import io.outboxrelay.admin.RelayInfo;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.relay.Relay;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the work of the command {@code run}: publishes events until a signal stops the relay. This
 * class does not use picocli, so that a start need not load that library; see {@link PlainRun}.
 */
final class RelayRun {
  private static final Logger LOG = LoggerFactory.getLogger(RelayRun.class);

  /**
   * The time that a stop may take beyond {@code relay.stop-timeout}. After that time the process
   * ends, even if the stop is incomplete. Once {@code relay.stop-timeout} has passed, four steps
   * follow in sequence: the publishers wait for events in flight, their connections are closed, the
   * database connections are closed, and the publishers of warm standbys are closed. Together the
   * steps take 11 s if RabbitMQ is blocked by an alarm, because it then does not read the request
   * to close a connection.
   */
  private static final Duration GRACE = Duration.ofSeconds(25);

  private RelayRun() {}

  /**
   * Runs a relay until a signal stops it, and returns the exit code. Throws if the relay cannot
   * start or continue.
   *
   * @param opening opens the context of the command, which records metrics in the given registry
   */
  static int untilStopped(Function<PrometheusMeterRegistry, CommandContext> opening) {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (var session = opening.apply(registry);
        var tracing = TracingStart.of(session.config().observability().tracing())) {
      var config = session.config();
      LOG.info(StartupBanner.of(config));
      tellPassedOver(config.origin().passedOver());
      var metrics = RelayMetrics.in(registry);
      var broker = tracing.follow(config.broker());
      var relay = Relay.create(session.vertx(), config.database(), config.relay(), broker, metrics);
      tracing.tell(relay.secondary());
      var admin =
          AdminServer.create(
              session.vertx(),
              config.observability().admin(),
              new RelayInfo(
                  relay,
                  VersionInfo.text(),
                  Instant.now(),
                  new RelayInfo.Configuration(
                      config.database(),
                      config.relay(),
                      config.broker(),
                      config.origin().source(),
                      config.origin().settings())));
      try {
        // The start of the admin server is not awaited, because publishing must not wait for it.
        admin.start().onFailure(failure -> LOG.warn("the admin server did not start", failure));
        publish(relay);
      } finally {
        stop(relay, config.relay().failover().stopTimeout());
        admin
            .close()
            .recover(
                failure -> {
                  LOG.warn("the admin server did not close", failure);
                  return Future.succeededFuture();
                })
            .await();
      }
      LOG.info("stopped");
      return ExitCode.OK.number();
    }
  }

  private static void tellPassedOver(List<UnusedSection> sections) {
    if (!sections.isEmpty()) {
      LOG.info(
          "not read, because the setting broker names another broker: section {}",
          sections.stream().map(UnusedSection::name).collect(Collectors.joining(", ")));
    }
  }

  /** Publishes until a signal to stop arrives. Throws if the relay cannot continue. */
  private static void publish(Relay relay) {
    Promise<Void> end = Promise.promise();
    StopSignal.onFirst(
        () -> {
          LOG.info("stopping; a second signal ends the process at once");
          end.tryComplete();
        });
    relay.ended().onFailure(end::tryFail);
    relay.start().onComplete(started -> LOG.info("ready"), end::tryFail);
    end.future().await();
  }

  private static void stop(Relay relay, Duration bound) {
    try {
      relay.stop().await(bound.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "the relay did not stop within " + bound.plus(GRACE).toSeconds() + " s", e);
    }
  }
}
