package io.outboxrelay.tracing;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.settings.Secret;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Traces events from the beginning of their transaction to the confirm, and sends their spans to a
 * collector.
 *
 * <p>If tracing is off, {@link #follow} returns the broker unchanged, so publishing is not slowed
 * down. If the collector is unavailable or slow, spans are lost but events are not delayed: spans
 * wait in a bounded queue and are sent by a thread of their own.
 */
public final class TracingSetup implements AutoCloseable {
  /**
   * The time, in seconds, for which {@link #close} waits until the last spans are sent. It is
   * short, so that an unavailable collector does not delay the stop of the relay.
   */
  private static final int LAST_SPANS_SECONDS = 3;

  private static final TracingSetup OFF = new TracingSetup(null, broker -> broker);

  private final @Nullable OpenTelemetrySdk sdk;
  private final UnaryOperator<Broker> following;

  private TracingSetup(@Nullable OpenTelemetrySdk sdk, UnaryOperator<Broker> following) {
    this.sdk = sdk;
    this.following = following;
  }

  /**
   * Starts tracing with the settings and the environment variables of OpenTelemetry.
   *
   * @param version the relay's version
   * @throws TracingException if a setting or a variable is not valid
   */
  public static TracingSetup start(TracingConfig config, String version) {
    if (!config.enabled()) {
      return OFF;
    }
    try {
      var share = new Share();
      var sdk =
          AutoConfiguredOpenTelemetrySdk.builder()
              .addPropertiesSupplier(() -> properties(config))
              .addPropertiesCustomizer(TracingSetup::tracesOnly)
              .addResourceCustomizer((found, all) -> resource(config, version).merge(found))
              // EventSampler has decided before the SDK is called, so the SDK samples every span.
              .addSamplerCustomizer((configured, all) -> share.readFrom(all))
              .addSpanExporterCustomizer((exporter, all) -> new LoggingSpanExporter(exporter))
              .disableShutdownHook()
              .build()
              .getOpenTelemetrySdk();
      return new TracingSetup(sdk, following(sdk, config, new EventSampler(share.ratio), version));
    } catch (ConfigurationException e) {
      throw new TracingException(String.valueOf(e.getMessage()), e);
    }
  }

  private static UnaryOperator<Broker> following(
      OpenTelemetry telemetry, TracingConfig config, EventSampler sampling, String version) {
    var tracer =
        telemetry.tracerBuilder("io.outboxrelay").setInstrumentationVersion(version).build();
    Function<Broker, SpanFactory> tracing =
        broker -> new SpanFactory(tracer, sampling, config.system(), broker::destination);
    return broker -> new TracedBroker(broker, tracing);
  }

  /**
   * Returns the settings under OpenTelemetry's names. OpenTelemetry's environment variables
   * override them.
   */
  private static Map<String, String> properties(TracingConfig config) {
    var properties = new HashMap<String, String>();
    properties.put("otel.service.name", config.serviceName());
    properties.put("otel.traces.sampler", Share.BY_RATIO);
    properties.put("otel.traces.sampler.arg", Double.toString(config.sampleRatio()));
    properties.put("otel.exporter.otlp.protocol", config.export().protocol().officialName());
    properties.put("otel.bsp.max.queue.size", Integer.toString(config.export().queue()));
    properties.put(
        "otel.bsp.max.export.batch.size", Integer.toString(Math.min(512, config.export().queue())));
    config
        .export()
        .endpoint()
        .ifPresent(uri -> properties.put("otel.exporter.otlp.endpoint", uri.toString()));
    config
        .export()
        .headers()
        .map(Secret::value)
        .ifPresent(headers -> properties.put("otel.exporter.otlp.headers", headers));
    return properties;
  }

  /**
   * Turns off the export of metrics and logs, because the relay has its own metrics endpoint and
   * log.
   */
  private static Map<String, String> tracesOnly(ConfigProperties properties) {
    return Map.of("otel.metrics.exporter", "none", "otel.logs.exporter", "none");
  }

  private static Resource resource(TracingConfig config, String version) {
    var attributes = Attributes.builder();
    config.attributes().forEach(attributes::put);
    return Resource.create(
        attributes
            .put("service.version", version)
            .put("outbox.relay", ManagementFactory.getRuntimeMXBean().getName())
            .build());
  }

  /**
   * Returns the broker with publishers that trace events, or the broker itself if tracing is off.
   */
  public Broker follow(Broker broker) {
    return following.apply(broker);
  }

  /** Sends the last spans, and waits for at most {@link #LAST_SPANS_SECONDS}. */
  @Override
  public void close() {
    if (sdk != null) {
      sdk.shutdown().join(LAST_SPANS_SECONDS, TimeUnit.SECONDS);
    }
  }

  /**
   * The share of the events without a trace context that are traced, as the configured sampler
   * states it.
   */
  private static final class Share {
    static final String BY_RATIO = "parentbased_traceidratio";

    double ratio;

    Sampler readFrom(ConfigProperties properties) {
      String sampler = properties.getString("otel.traces.sampler", BY_RATIO);
      ratio =
          switch (sampler) {
            case BY_RATIO -> properties.getDouble("otel.traces.sampler.arg", 1);
            case "parentbased_always_on" -> 1;
            case "parentbased_always_off" -> 0;
            default ->
                throw new ConfigurationException(
                    "OTEL_TRACES_SAMPLER is "
                        + sampler
                        + ", but the traceparent of an event decides if the event is traced; use"
                        + " parentbased_traceidratio, parentbased_always_on or"
                        + " parentbased_always_off, or tracing.sample-ratio instead");
          };
      return Sampler.alwaysOn();
    }
  }
}
