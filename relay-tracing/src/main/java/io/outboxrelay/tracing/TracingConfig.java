package io.outboxrelay.tracing;

import io.outboxrelay.settings.Settings;
import java.net.URI;
import java.util.Locale;
import java.util.Map;

/**
 * The section {@code tracing}: which events are traced, and where their spans are sent.
 *
 * <p>The environment variables of OpenTelemetry override this section.
 *
 * @param system the broker's name, for the attribute {@code messaging.system}
 * @param sampleRatio the share of the events without a trace context that begin a trace, 0 to 1
 * @param attributes the attributes that are added to the resource of every span
 */
public record TracingConfig(
    boolean enabled,
    String system,
    double sampleRatio,
    String serviceName,
    Map<String, String> attributes,
    SpanExportConfig export) {

  /** The protocol in which spans are sent. */
  public enum Protocol {
    HTTP("http/protobuf"),
    GRPC("grpc");

    private final String name;

    Protocol(String name) {
      this.name = name;
    }

    /** Returns the name of the protocol as in {@code otel.exporter.otlp.protocol}. */
    String officialName() {
      return name;
    }
  }

  public TracingConfig {
    attributes = Map.copyOf(attributes);
  }

  /** Reads the section; all mistakes are reported through {@code root}. */
  public static TracingConfig from(Settings root) {
    var in = root.section("tracing");
    return new TracingConfig(
        in.flag("enabled", false),
        root.optionalText("broker").orElse("").trim().toLowerCase(Locale.ROOT),
        in.parsed("sample-ratio", TracingConfig::ratio, "0.01"),
        in.text("service-name", "outbox-relay"),
        in.section("attributes").rest(),
        SpanExportConfig.from(in));
  }

  /** Returns the text for the start-up summary. */
  public String summary() {
    if (!enabled) {
      return "off";
    }
    String where = export.endpoint().map(URI::toString).orElse("the collector on this machine");
    return "to %s; %s of the events without a trace begin one".formatted(where, share(sampleRatio));
  }

  private static String share(double ratio) {
    return String.format(Locale.ROOT, "%s %%", ratio * 100).replace(".0 ", " ");
  }

  private static double ratio(String text) {
    double ratio = Double.NaN;
    try {
      ratio = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      // The exception below reports this mistake like a number that is out of range.
    }
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException(
          "is not a share; write a number from 0 to 1, such as 0.01");
    }
    return ratio;
  }
}
