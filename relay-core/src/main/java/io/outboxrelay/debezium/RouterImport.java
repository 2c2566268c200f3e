package io.outboxrelay.debezium;

import io.outboxrelay.debezium.DebeziumProperties.Property;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Translates the options of the outbox event router.
 *
 * <p>If an option is not given, Debezium's default counts; it becomes a setting if the relay's
 * default differs.
 */
final class RouterImport {
  private static final String DEFAULT_REGEX = "(?<routedByValue>.*)";
  private static final String ROUTED_BY = "${routedByValue}";

  private final DebeziumProperties properties;
  private final ImportedConfig config;
  private final String prefix;

  /** The relay's placeholders by the columns of Debezium's table. */
  private final Map<String, String> placeholders = new HashMap<>();

  /**
   * @param prefix begins the names of the router's options
   */
  RouterImport(DebeziumProperties properties, ImportedConfig config, String prefix) {
    this.properties = properties;
    this.config = config;
    this.prefix = prefix;
  }

  /**
   * Translates all options.
   *
   * @param section the name of the broker's section
   */
  ImportedTopic run(String section) {
    columns();
    payload();
    operations();
    tracing();
    config.set(section + ".headers.id", "${id}");
    placements(section);
    return topic();
  }

  private void columns() {
    placeholders.put("aggregatetype", "${aggregate_type}");
    column("table.field.event.key", "aggregateid", "aggregate_id", "${aggregate_id}");
    column("table.field.event.type", "type", "event_type", "${event_type}");
    column("table.field.event.id", "id", "id", "${id}");
    take("table.field.event.payload")
        .ifPresent(column -> config.changed(column, "the relay's table has the column payload"));
    take("table.field.event.schema.version")
        .ifPresent(
            version -> config.noCounterpart(version, "the relay has no schemas of Kafka Connect"));
  }

  private void column(String option, String orElse, String ours, String placeholder) {
    var given = take(option);
    placeholders.put(given.map(Property::value).orElse(orElse), placeholder);
    given.ifPresent(
        column -> config.changed(column, "the relay's table has the column " + ours + " for it"));
  }

  private String placeholder(String column) {
    return placeholders.getOrDefault(column, "${headers." + column + "}");
  }

  private ImportedTopic topic() {
    var column = take("route.by.field");
    column.filter(given -> !placeholders.containsKey(given.value())).ifPresent(this::becomesHeader);
    String template = placeholder(column.map(Property::value).orElse("aggregatetype"));
    String regex = take("route.topic.regex").map(Property::value).orElse(DEFAULT_REGEX);
    String replacement =
        take("route.topic.replacement").map(Property::value).orElse("outbox.event." + ROUTED_BY);
    return regex.equals(DEFAULT_REGEX)
        ? new ImportedTopic(replacement.replace(ROUTED_BY, template), Optional.empty())
        : new ImportedTopic(template, Optional.of(new ImportedTopic.Rewrite(regex, replacement)));
  }

  private void becomesHeader(Property column) {
    config.changed(
        column, "write the value of the column into headers of the event, under its name");
  }

  private void placements(String section) {
    take("table.fields.additional.placement")
        .ifPresent(
            list -> {
              try {
                ColumnPlacement.parse(list.value())
                    .forEach(placement -> place(section, list, placement));
              } catch (IllegalArgumentException e) {
                config.noCounterpart(list, String.valueOf(e.getMessage()));
              }
            });
    for (String name :
        List.of("table.field.additional.missing", "table.fields.additional.error.on.missing")) {
      take(name).ifPresent(this::missing);
    }
  }

  private void place(String section, Property list, ColumnPlacement placement) {
    if (placement.place() == ColumnPlacement.Place.ENVELOPE) {
      config.noCounterpart(
          list, placement + ": a message has no envelope around the payload; a header can hold it");
      return;
    }
    if (!placeholders.containsKey(placement.column())) {
      config.changed(
          list,
          placement + ": write the value of the column into headers of the event, under its name");
    }
    if (placement.place() == ColumnPlacement.Place.PARTITION && section.equals("kafka")) {
      config.set("kafka.partition-header", placement.column());
    } else if (placement.place() == ColumnPlacement.Place.HEADER
        && !placeholder(placement.column()).equals("${headers." + placement.alias() + "}")) {
      config.set(section + ".headers." + placement.alias(), placeholder(placement.column()));
    }
  }

  private void missing(Property behaviour) {
    boolean ignores = behaviour.value().equals("ignore") || behaviour.value().equals("false");
    if (ignores) {
      config.notNeeded(behaviour, "a header without a value is left out");
    } else {
      config.noCounterpart(behaviour, "a header without a value is left out, and is no error");
    }
  }

  private void payload() {
    take("route.tombstone.on.empty.payload")
        .ifPresent(
            option ->
                config.changed(
                    option, "a null payload is a tombstone, and an empty one is not, in any case"));
    boolean expands =
        take("table.expand.json.payload").map(Property::value).filter("true"::equals).isPresent();
    for (String name :
        List.of("table.json.payload.null.behavior", "table.json.payload.empty.array.behavior")) {
      take(name)
          .ifPresent(
              option -> {
                if (expands) {
                  config.noCounterpart(
                      option, "JSON is sent as it is, with nulls and empty arrays");
                } else {
                  config.notNeeded(option, "it has no effect without table.expand.json.payload");
                }
              });
    }
  }

  private void operations() {
    take("table.op.invalid.behavior")
        .ifPresent(option -> config.notNeeded(option, "the relay reads inserted rows only"));
    take("table.field.event.timestamp")
        .ifPresent(
            column -> config.changed(column, "a message has the time of the event's transaction"));
  }

  private void tracing() {
    for (String name :
        List.of(
            "tracing.span.context.field",
            "tracing.operation.name",
            "tracing.with.context.field.only")) {
      take(name)
          .ifPresent(
              option ->
                  config.changed(
                      option,
                      "write traceparent into headers of the event, and set tracing.enabled"));
    }
  }

  private Optional<Property> take(String name) {
    return properties.take(prefix + name);
  }
}
