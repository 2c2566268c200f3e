package io.outboxrelay.debezium;

import io.outboxrelay.settings.Settings;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The section {@code outbox.debezium}: the options of Debezium's outbox event router that decide
 * what a message holds. The columns that every event has are in {@code outbox.columns}, and the
 * topic is in the section of the broker.
 *
 * @param columns the columns with a meaning of their own, besides those that every event has
 * @param placements the places of additional columns in a message
 * @param missing the consequence if the table lacks a column of {@code placements}
 * @param payload the treatment of payloads
 * @param converters the converters of the key, the value and the headers
 * @param topicPrefix the beginning of the names of schemas, as {@code topic.prefix} of Debezium
 */
public record EventRouterConfig(
    Columns columns,
    List<ColumnPlacement> placements,
    Missing missing,
    Payload payload,
    Converters converters,
    String topicPrefix) {

  /**
   * The columns with a meaning of their own; an empty name means that there is no such column.
   *
   * @param timestamp the column with the time of the message
   * @param schemaVersion the column with the version of the schema of an envelope
   * @param tracing the column with a trace context as the text of {@code java.util.Properties}
   */
  public record Columns(
      Optional<String> timestamp, Optional<String> schemaVersion, Optional<String> tracing) {}

  /** The consequence if the table lacks an additional column. */
  public enum Missing {
    /** The relay does not start. */
    ERROR,

    /** The messages lack the column. */
    IGNORE
  }

  /**
   * The treatment of payloads.
   *
   * @param tombstones true if an empty payload becomes a null value
   * @param expands true if a text that is a JSON object becomes a structure
   * @param nulls the treatment of nulls in expanded payloads
   * @param emptyArrays the treatment of empty arrays in expanded payloads
   */
  public record Payload(
      boolean tombstones, boolean expands, JsonNulls nulls, JsonEmptyArrays emptyArrays) {}

  /** The treatment of a field that is null in an expanded payload. */
  public enum JsonNulls {
    /** The field is left out. */
    IGNORE,

    /** The field is kept, as bytes without a value. */
    OPTIONAL_BYTES
  }

  /** The treatment of a field that is an empty array in an expanded payload. */
  public enum JsonEmptyArrays {
    /** The field is left out. */
    IGNORE,

    /** The field is kept, as an array of texts. */
    OPTIONAL_STRING
  }

  /** The converter of each part of a message. */
  public record Converters(Converter key, Converter value, Converter header) {}

  public EventRouterConfig {
    placements = List.copyOf(placements);
  }

  /**
   * Reads the section.
   *
   * @param isUsed false if the layout of the table has no router, so that every setting is a
   *     mistake
   */
  public static EventRouterConfig from(Settings in, boolean isUsed) {
    var config =
        new EventRouterConfig(
            new Columns(
                in.optionalText("timestamp-column"),
                in.optionalText("schema-version-column"),
                in.optionalText("tracing-column")),
            in.optionalParsed("placement", ColumnPlacement::parse).orElse(List.of()),
            in.choice("missing-columns", Missing.ERROR),
            new Payload(
                in.flag("tombstone-on-empty-payload", false),
                in.flag("expand-json", false),
                in.choice("json-nulls", JsonNulls.IGNORE),
                in.choice("json-empty-arrays", JsonEmptyArrays.IGNORE)),
            new Converters(
                in.choice("key-converter", Converter.JSON),
                in.choice("value-converter", Converter.JSON),
                in.choice("header-converter", Converter.JSON)),
            in.text("topic-prefix", ""));
    if (isUsed) {
      config.check(in);
    } else {
      in.refuse("is read only with outbox.layout: debezium");
    }
    return config;
  }

  private void check(Settings in) {
    in.require(
        payload.expands || payload.nulls == JsonNulls.IGNORE,
        "json-nulls",
        "has an effect only with expand-json: true");
    in.require(
        payload.expands || payload.emptyArrays == JsonEmptyArrays.IGNORE,
        "json-empty-arrays",
        "has an effect only with expand-json: true");
    in.require(
        count(ColumnPlacement.Place.PARTITION) <= 1,
        "placement",
        "names two columns for the partition, and a message has one");
    var fields = new LinkedHashSet<>(List.of("payload"));
    for (var placement : placements) {
      if (placement.place() == ColumnPlacement.Place.ENVELOPE) {
        in.require(
            fields.add(placement.alias()),
            "placement",
            "gives the envelope two fields with the name " + placement.alias());
      }
    }
    in.require(
        columns.schemaVersion.isEmpty() || hasEnvelope(),
        "schema-version-column",
        "has an effect only with a column of placement in the envelope");
    in.require(
        converters.key != Converter.BINARY,
        "key-converter",
        "is for values only; write json, json-without-schemas or string");
    in.require(
        converters.header != Converter.BINARY,
        "header-converter",
        "is for values only; write json, json-without-schemas or string");
    in.require(
        converters.value != Converter.BINARY || !hasEnvelope(),
        "value-converter",
        "is binary, which has no place for the envelope that outbox.debezium.placement asks for");
    in.require(
        !topicPrefix.isEmpty() || !hasEnvelope() || converters.value != Converter.JSON,
        "topic-prefix",
        "is missing: the schema of an envelope has it in its name; write Debezium's topic.prefix");
  }

  private long count(ColumnPlacement.Place place) {
    return placements.stream().filter(placement -> placement.place() == place).count();
  }

  /**
   * Returns true if the value of a message is a structure with the payload as one of its fields.
   */
  public boolean hasEnvelope() {
    return count(ColumnPlacement.Place.ENVELOPE) > 0;
  }

  /** Returns all columns that messages need besides those of each event. */
  public Set<String> furtherColumns() {
    var names = new LinkedHashSet<>(required());
    placements.forEach(placement -> names.add(placement.column()));
    return names;
  }

  /** Returns those columns of {@link #furtherColumns} without which no message can be made. */
  public List<String> required() {
    var names = new ArrayList<String>();
    Stream.of(columns.timestamp, columns.schemaVersion).forEach(name -> name.ifPresent(names::add));
    columns.tracing.ifPresent(names::add);
    return names;
  }

  /** Returns the setting that names a column. */
  public String settingOf(String column) {
    String key = "placement";
    if (columns.timestamp.filter(column::equals).isPresent()) {
      key = "timestamp-column";
    } else if (columns.schemaVersion.filter(column::equals).isPresent()) {
      key = "schema-version-column";
    } else if (columns.tracing.filter(column::equals).isPresent()) {
      key = "tracing-column";
    }
    return "outbox.debezium." + key;
  }

  /** Returns true if the relay starts although the table lacks this column. */
  public boolean mayLack(String column) {
    return missing == Missing.IGNORE && !required().contains(column);
  }

  /**
   * Returns the options as text. If two texts are equal, the messages of both configurations are
   * equal.
   */
  @Override
  public String toString() {
    return "placement %s, timestamp %s, schema-version %s, tracing %s, missing %s, payload %s, converters %s %s %s, topic-prefix %s"
        .formatted(
            placements,
            columns.timestamp.orElse("none"),
            columns.schemaVersion.orElse("none"),
            columns.tracing.orElse("none"),
            missing,
            payload,
            converters.key,
            converters.value,
            converters.header,
            topicPrefix);
  }
}
