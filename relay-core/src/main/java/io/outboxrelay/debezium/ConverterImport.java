package io.outboxrelay.debezium;

import io.outboxrelay.debezium.DebeziumProperties.Property;
import java.util.List;
import java.util.Locale;

/**
 * Remarks on the converters, which the relay does without: the payload's bytes are sent as they
 * are.
 */
final class ConverterImport {
  private final DebeziumProperties properties;
  private final ImportedConfig config;
  private final boolean isServer;

  ConverterImport(DebeziumProperties properties, ImportedConfig config, boolean isServer) {
    this.properties = properties;
    this.config = config;
    this.isServer = isServer;
  }

  void run() {
    for (String side : List.of("key", "value", "header")) {
      String name = isServer ? "debezium.format." + side : side + ".converter";
      properties.take(name).ifPresent(this::converter);
      properties.takeAll(name + ".").forEach(this::option);
    }
  }

  private void converter(Property converter) {
    String name = converter.value().toLowerCase(Locale.ROOT);
    if (name.contains("string") || name.contains("bytearray") || name.contains("binary")) {
      config.notNeeded(converter, "key, payload and headers are sent as they are");
    } else if (name.contains("json")) {
      config.changed(
          converter, "key, payload and headers are sent as they are, without quotes around a text");
    } else {
      config.noCounterpart(converter, "key, payload and headers are sent as they are");
    }
  }

  private void option(Property option) {
    if (option.name().endsWith("schemas.enable") && option.value().equals("false")) {
      config.notNeeded(option, "no schema is sent beside the payload");
    } else {
      config.noCounterpart(option, "key, payload and headers are sent as they are");
    }
  }
}
