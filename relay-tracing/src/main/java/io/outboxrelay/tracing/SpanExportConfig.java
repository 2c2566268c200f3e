package io.outboxrelay.tracing;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.Settings;
import java.net.URI;
import java.util.Optional;

/**
 * The settings of the connection to the collector.
 *
 * @param endpoint the collector's address; if empty, the protocol's default on this machine
 * @param headers the headers of every request to the collector, {@code name=value,name=value}
 * @param queue the number of spans that may wait for the collector; further spans are dropped
 */
record SpanExportConfig(
    Optional<URI> endpoint, TracingConfig.Protocol protocol, Optional<Secret> headers, int queue) {

  static SpanExportConfig from(Settings in) {
    var config =
        new SpanExportConfig(
            in.optionalParsed("endpoint", SpanExportConfig::address),
            in.choice("protocol", TracingConfig.Protocol.HTTP),
            in.secret("headers"),
            in.number("queue", 2048));
    in.require(config.queue >= 1, "queue", "must be at least 1");
    return config;
  }

  private static URI address(String text) {
    try {
      var uri = URI.create(text);
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // The exception below reports this mistake as well.
    }
    throw new IllegalArgumentException(
        "is not the address of a collector; write it like http://localhost:4318");
  }
}
