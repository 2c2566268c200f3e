package io.outboxrelay.debezium;

import io.outboxrelay.debezium.DebeziumProperties.Property;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Translates the formats of Debezium Server, or the converters of a connector. */
final class ConverterImport {
  private static final String SCHEMAS = ".schemas.enable";

  private final DebeziumProperties properties;
  private final ImportedConfig config;
  private final boolean isServer;

  ConverterImport(DebeziumProperties properties, ImportedConfig config, boolean isServer) {
    this.properties = properties;
    this.config = config;
    this.isServer = isServer;
  }

  /**
   * @param connector the property to which a remark is attached if the file names no converters
   */
  void run(Property connector) {
    boolean isComplete = true;
    for (String side : List.of("key", "value", "header")) {
      String name = isServer ? "debezium.format." + side : side + ".converter";
      isComplete &= one(side, name) || side.equals("header");
    }
    if (!isServer && !isComplete) {
      config.changed(
          connector,
          "the converters of the worker count: set outbox.debezium.key-converter and"
              + " value-converter to json, json-without-schemas or string");
    }
  }

  /** Translates one converter; returns true if the file names it. */
  private boolean one(String side, String name) {
    var given = properties.take(name);
    var schemas = properties.take(name + SCHEMAS);
    boolean withSchemas = schemas.map(Property::value).filter("false"::equals).isEmpty();
    String converter = given.map(Property::value).orElse("").toLowerCase(Locale.ROOT);
    var ours = ours(side, converter, withSchemas);
    if (ours.isPresent()) {
      config.set("outbox.debezium." + side + "-converter", ours.get());
    } else {
      given.ifPresent(
          found ->
              config.noCounterpart(
                  found, "the relay writes json, json-without-schemas, string and binary"));
    }
    properties
        .takeAll(name + ".")
        .forEach(option -> config.noCounterpart(option, "the converter has no such setting here"));
    return given.isPresent();
  }

  private Optional<String> ours(String side, String converter, boolean withSchemas) {
    if (converter.isEmpty() && !isServer) {
      return side.equals("header") ? Optional.of("string") : Optional.empty();
    }
    if ((converter.contains("bytearray") && !converter.contains("json"))
        || converter.contains("binary")) {
      return side.equals("value") ? Optional.of("binary") : Optional.empty();
    }
    if (converter.contains("string") || converter.contains("simple")) {
      return Optional.of("string");
    }
    return converter.isEmpty() || converter.contains("json")
        ? Optional.of(withSchemas ? "json" : "json-without-schemas")
        : Optional.empty();
  }
}
