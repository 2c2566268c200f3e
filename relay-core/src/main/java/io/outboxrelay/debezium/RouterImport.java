package io.outboxrelay.debezium;

import io.outboxrelay.debezium.DebeziumProperties.Property;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Translates the options of the outbox event router.
 *
 * <p>If an option is not given, Debezium's default is used. With {@code outbox.layout: debezium},
 * the relay has the same default.
 */
final class RouterImport {
  private static final String DEFAULT_REGEX = "(?<routedByValue>.*)";
  private static final String ROUTED_BY = "${routedByValue}";

  /**
   * The template of the column by which events are routed, whatever name the column has in the
   * table.
   */
  private static final String ROUTE = "${aggregate_type}";

  private static final Map<String, String> COLUMNS =
      Map.of(
          "table.field.event.id", "outbox.columns.id",
          "table.field.event.key", "outbox.columns.aggregate-id",
          "table.field.event.type", "outbox.columns.event-type",
          "table.field.event.payload", "outbox.columns.payload",
          "table.field.event.timestamp", "outbox.debezium.timestamp-column",
          "route.by.field", "outbox.columns.aggregate-type");

  private final DebeziumProperties properties;
  private final ImportedConfig config;
  private final String prefix;

  /**
   * @param prefix the beginning of the names of the router's options
   */
  RouterImport(DebeziumProperties properties, ImportedConfig config, String prefix) {
    this.properties = properties;
    this.config = config;
    this.prefix = prefix;
  }

  /** Translates all options. */
  ImportedTopic run() {
    COLUMNS.forEach(
        (option, setting) -> take(option).ifPresent(found -> config.set(setting, found.value())));
    boolean hasEnvelope = placements();
    take("table.field.event.schema.version")
        .ifPresent(
            version -> {
              if (hasEnvelope) {
                config.set("outbox.debezium.schema-version-column", version.value());
              } else {
                config.notNeeded(version, "it has no effect without a column in the envelope");
              }
            });
    missing();
    payload();
    operations();
    tracing();
    return topic();
  }

  private ImportedTopic topic() {
    String regex = take("route.topic.regex").map(Property::value).orElse(DEFAULT_REGEX);
    String replacement =
        take("route.topic.replacement").map(Property::value).orElse("outbox.event." + ROUTED_BY);
    return regex.equals(DEFAULT_REGEX)
        ? new ImportedTopic(replacement.replace(ROUTED_BY, ROUTE), Optional.empty())
        : new ImportedTopic(ROUTE, Optional.of(new ImportedTopic.Rewrite(regex, replacement)));
  }

  /** Translates the places of additional columns; returns true if one of them is the envelope. */
  private boolean placements() {
    var list = take("table.fields.additional.placement");
    if (list.isEmpty()) {
      return false;
    }
    try {
      var placements = ColumnPlacement.parse(list.get().value());
      config.set(
          "outbox.debezium.placement",
          placements.stream().map(ColumnPlacement::toString).collect(Collectors.joining(",")));
      return placements.stream()
          .anyMatch(placement -> placement.place() == ColumnPlacement.Place.ENVELOPE);
    } catch (IllegalArgumentException e) {
      config.noCounterpart(list.get(), String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void missing() {
    for (String name :
        List.of("table.field.additional.missing", "table.fields.additional.error.on.missing")) {
      take(name)
          .filter(found -> found.value().equals("ignore") || found.value().equals("false"))
          .ifPresent(found -> config.set("outbox.debezium.missing-columns", "ignore"));
    }
  }

  private void payload() {
    flag("route.tombstone.on.empty.payload", "outbox.debezium.tombstone-on-empty-payload");
    boolean expands = flag("table.expand.json.payload", "outbox.debezium.expand-json");
    Map.of(
            "table.json.payload.null.behavior", "outbox.debezium.json-nulls",
            "table.json.payload.empty.array.behavior", "outbox.debezium.json-empty-arrays")
        .forEach(
            (option, setting) ->
                take(option)
                    .ifPresent(
                        found -> {
                          if (expands) {
                            config.set(setting, written(found.value()));
                          } else {
                            config.notNeeded(
                                found, "it has no effect without table.expand.json.payload");
                          }
                        }));
  }

  private boolean flag(String option, String setting) {
    boolean isSet = take(option).map(Property::value).filter("true"::equalsIgnoreCase).isPresent();
    if (isSet) {
      config.set(setting, "true");
    }
    return isSet;
  }

  private static String written(String choice) {
    return choice.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void operations() {
    take("table.op.invalid.behavior")
        .ifPresent(
            behaviour -> {
              if (behaviour.value().equals("fatal")) {
                config.noCounterpart(
                    behaviour, "the relay reads inserted rows only, so an update does not stop it");
              } else {
                config.notNeeded(behaviour, "the relay reads inserted rows only");
              }
            });
  }

  private void tracing() {
    take("tracing.span.context.field")
        .ifPresent(
            column -> {
              config.set("outbox.debezium.tracing-column", column.value());
              config.changed(column, "it has an effect with tracing.enabled: true");
            });
    take("tracing.operation.name")
        .ifPresent(
            name ->
                config.noCounterpart(name, "the span of an event is called publish and its topic"));
    take("tracing.with.context.field.only")
        .ifPresent(
            only -> {
              if (only.value().equals("true")) {
                config.set("tracing.sample-ratio", "0");
              } else {
                config.changed(only, "tracing.sample-ratio decides how many events begin a trace");
              }
            });
  }

  private Optional<Property> take(String name) {
    return properties.take(prefix + name);
  }
}
