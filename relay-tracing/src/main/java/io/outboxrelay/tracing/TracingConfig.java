package io.outboxrelay.tracing;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.Settings;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which events are traced and where their spans go: the section {@code tracing}.
 *
 * <p>OpenTelemetry's own environment variables win over it where they are set.
 *
 * @param system the broker's name, as spans say it
 * @param sampleRatio the share of the events without a trace of their own that begin one
 * @param endpoint the collector's address; empty for the protocol's usual one on this machine
 * @param headers what every request to the collector carries, {@code name=value,name=value}
 * @param attributes what every span says of this relay
 * @param queue how many spans wait for the collector at most; more are given up
 */
public record TracingConfig(
    boolean enabled,
    String system,
    double sampleRatio,
    Optional<URI> endpoint,
    Protocol protocol,
    Optional<Secret> headers,
    String serviceName,
    Map<String, String> attributes,
    int queue) {

  /** How spans are sent. */
  public enum Protocol {
    HTTP("http/protobuf"),
    GRPC("grpc");

    private final String name;

    Protocol(String name) {
      this.name = name;
    }

    /** What OpenTelemetry calls it. */
    String officialName() {
      return name;
    }
  }

  public TracingConfig {
    attributes = Map.copyOf(attributes);
  }

  /** Reads the section; mistakes are noted in {@code root}. */
  public static TracingConfig from(Settings root) {
    var in = root.section("tracing");
    var config =
        new TracingConfig(
            in.flag("enabled", false),
            root.optionalText("broker").orElse("").trim().toLowerCase(Locale.ROOT),
            in.parsed("sample-ratio", TracingConfig::ratio, "0.01"),
            in.optionalParsed("endpoint", TracingConfig::address),
            in.choice("protocol", Protocol.HTTP),
            in.secret("headers"),
            in.text("service-name", "outbox-relay"),
            in.section("attributes").rest(),
            in.number("queue", 2048));
    in.require(config.queue >= 1, "queue", "must be at least 1");
    return config;
  }

  /** What the start-up summary says of it. */
  public String summary() {
    if (!enabled) {
      return "off";
    }
    String where = endpoint.map(URI::toString).orElse("the collector on this machine");
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
      // told below, like any other text that is no share
    }
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException(
          "is not a share; write a number from 0 to 1, such as 0.01");
    }
    return ratio;
  }

  private static URI address(String text) {
    try {
      var uri = URI.create(text);
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new IllegalArgumentException(
        "is not the address of a collector; write it like http://localhost:4318");
  }
}
