package io.outboxrelay.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.proto.trace.v1.Span;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.tracing.TracingConfig.Protocol;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With the configured tracing, spans reach a collector. */
class TracingSetupTest {
  private static final Map<String, String> SAMPLED =
      Map.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The interval at which OpenTelemetry sends the spans it has; its default is 5 seconds. */
  private static final String SEND_INTERVAL = "otel.bsp.schedule.delay";

  private static Vertx vertx;

  @BeforeAll
  static void startVertx() {
    System.setProperty(SEND_INTERVAL, "50");
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void closeVertx() {
    vertx.close().await();
    System.clearProperty(SEND_INTERVAL);
  }

  /** Confirms every event at once. */
  private static final class Confirming implements Broker, Publisher {
    final AtomicInteger published = new AtomicInteger();

    @Override
    public Future<Publisher> connect(Vertx vertx) {
      return Future.succeededFuture(this);
    }

    @Override
    public Future<Void> publish(OutboxEvent event) {
      published.incrementAndGet();
      return Future.succeededFuture();
    }

    @Override
    public String destination(OutboxEvent event) {
      return "orders";
    }

    @Override
    public Ordering ordering() {
      return Ordering.PIPELINED;
    }

    @Override
    public String summary() {
      return "nothing";
    }

    @Override
    public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
      return Future.succeededFuture(List.of());
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }

  @Test
  void isOffUnlessItIsSwitchedOn() {
    var broker = new Confirming();
    try (var tracing = TracingSetup.start(config(Map.of()), "1")) {
      assertThat(tracing.follow(broker)).isSameAs(broker);
    }
  }

  @ParameterizedTest
  @EnumSource
  void spansReachTheCollectorWithWhatTheSettingsSayOfTheRelay(Protocol protocol) throws Exception {
    try (var collector = OtlpReceiver.start()) {
      var settings =
          Map.of(
              "endpoint", collector.endpoint(),
              "protocol", text(protocol),
              "headers", "Authorization=Bearer abc",
              "service-name", "shop-relay",
              "attributes.deployment.environment.name", "staging");
      try (var tracing = TracingSetup.start(config(settings), "1.2.3")) {
        publish(tracing, new Confirming(), 3);
        await().atMost(PATIENCE).until(() -> collector.spans().size() == 3);
      }
      assertThat(collector.spans())
          .extracting(Span::getName)
          .containsOnly("publish orders")
          .hasSize(3);
      assertThat(collector.resource("service.name")).isEqualTo("shop-relay");
      assertThat(collector.resource("service.version")).isEqualTo("1.2.3");
      assertThat(collector.resource("outbox.relay")).contains("@");
      assertThat(collector.resource("deployment.environment.name")).isEqualTo("staging");
      assertThat(collector.authorizations()).containsOnly("Bearer abc");
      assertThat(collector.protocols()).containsOnly(protocol);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCollectorThatIsNotThereCostsSpansAndNothingElse(Protocol protocol) throws Exception {
    int port;
    try (var unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = unused.getLocalPort();
    }
    var settings =
        Map.of("endpoint", "http://127.0.0.1:" + port, "protocol", text(protocol), "queue", "100");
    var broker = new Confirming();
    try (var tracing = TracingSetup.start(config(settings), "1")) {
      publish(tracing, broker, 20_000);
      assertThat(broker.published).hasValue(20_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCollectorThatComesBackGetsSpansAgain(Protocol protocol) throws Exception {
    int port;
    try (var before = OtlpReceiver.start()) {
      port = before.port();
    }
    var settings = Map.of("endpoint", "http://127.0.0.1:" + port, "protocol", text(protocol));
    try (var tracing = TracingSetup.start(config(settings), "1")) {
      publish(tracing, new Confirming(), 1);
      try (var collector = OtlpReceiver.startAt(port)) {
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  publish(tracing, new Confirming(), 1);
                  return !collector.spans().isEmpty();
                });
      }
    }
  }

  @Test
  void mistakesInTheSettingsAreToldAllAtOnce() {
    var root =
        settings(
            Map.of(
                "sample-ratio",
                "5 %",
                "endpoint",
                "collector:4318",
                "queue",
                "0",
                "protocol",
                "udp"));
    TracingConfig.from(root);
    assertThat(problems(root))
        .contains("tracing.sample-ratio = \"5 %\"", "is not a share; write a number from 0 to 1")
        .contains("tracing.endpoint = \"collector:4318\"", "is not the address of a collector")
        .contains("tracing.queue = 0", "must be at least 1")
        .contains("tracing.protocol = \"udp\"");
  }

  @Test
  void theHeadersForTheCollectorAreASecret() {
    assertThat(config(Map.of("headers", "Authorization=Bearer abc")).toString())
        .contains("[hidden]")
        .doesNotContain("abc");
  }

  private static String text(Protocol protocol) {
    return protocol.name().toLowerCase(Locale.ROOT);
  }

  private static void publish(TracingSetup tracing, Broker broker, int count) {
    var publisher = tracing.follow(broker).connect(vertx).await();
    for (int i = 0; i < count; i++) {
      publisher.publish(Events.event(i, "order-1", SAMPLED)).await();
    }
    publisher.close().await();
  }

  private static TracingConfig config(Map<String, String> tracing) {
    var root = settings(tracing);
    var config = TracingConfig.from(root);
    root.verify();
    return config;
  }

  private static Settings settings(Map<String, String> tracing) {
    var section = new HashMap<String, String>();
    if (!tracing.isEmpty()) {
      section.put("enabled", "true");
    }
    section.putAll(tracing);
    return Settings.of("relay.yaml", Map.of("broker", "memory", "tracing", section));
  }

  private static String problems(Settings root) {
    try {
      root.verify();
      return "none";
    } catch (InvalidSettingsException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
