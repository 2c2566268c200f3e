package io.outboxrelay.debezium;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The properties of a file for Debezium Server or Kafka Connect, each with its line. Code that
 * translates a property takes it out, so the properties that are left at the end have no
 * translation.
 */
final class DebeziumProperties {
  private final Map<String, Property> properties;

  /**
   * One property.
   *
   * @param line the number of the line in which the property begins, from 1
   */
  record Property(int line, String name, String value) {}

  private DebeziumProperties(Map<String, Property> properties) {
    this.properties = properties;
  }

  /**
   * Parses a file of properties, or the JSON of a connector.
   *
   * @throws IllegalArgumentException if it is neither; the message is a phrase for the user
   */
  static DebeziumProperties parse(String text) {
    return new DebeziumProperties(text.strip().startsWith("{") ? json(text) : lines(text));
  }

  private static Map<String, Property> lines(String text) {
    var found = new LinkedHashMap<String, Property>();
    var lines = text.split("\\R", -1);
    for (int i = 0; i < lines.length; i++) {
      int begin = i;
      var logical = new StringBuilder(lines[i]);
      while (isContinued(lines[i]) && i + 1 < lines.length) {
        i++;
        logical.append('\n').append(lines[i]);
      }
      one(logical.toString())
          .forEach(
              (name, value) ->
                  found.put(
                      String.valueOf(name),
                      new Property(
                          begin + 1, String.valueOf(name), String.valueOf(value).strip())));
    }
    return found;
  }

  private static boolean isContinued(String line) {
    int backslashes = 0;
    while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1 && !line.stripLeading().startsWith("#");
  }

  private static Properties one(String line) {
    var properties = new Properties();
    try {
      properties.load(new StringReader(line));
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Property> json(String text) {
    JsonObject root;
    try {
      root = new JsonObject(text);
    } catch (DecodeException e) {
      throw new IllegalArgumentException("is no valid JSON: " + e.getMessage(), e);
    }
    var config = root.getValue("config") instanceof JsonObject inner ? inner : root;
    var found = new LinkedHashMap<String, Property>();
    config.forEach(
        entry ->
            found.put(
                entry.getKey(),
                new Property(
                    lineOf(entry.getKey(), text),
                    entry.getKey(),
                    String.valueOf(entry.getValue()).strip())));
    return found;
  }

  private static int lineOf(String name, String text) {
    int at = Math.max(0, text.indexOf('"' + name + '"'));
    return (int) text.substring(0, at).chars().filter(character -> character == '\n').count() + 1;
  }

  /** Returns the value of a property; the property is not taken out. */
  Optional<String> text(String name) {
    return Optional.ofNullable(properties.get(name)).map(Property::value);
  }

  Optional<Property> take(String name) {
    return Optional.ofNullable(properties.remove(name));
  }

  /** Takes all properties with names that begin with {@code prefix}. */
  List<Property> takeAll(String prefix) {
    var taken = properties.values().stream().filter(one -> one.name().startsWith(prefix)).toList();
    taken.forEach(one -> properties.remove(one.name()));
    return taken;
  }

  /** Returns true if a property's name begins with {@code prefix}. */
  boolean hasAny(String prefix) {
    return properties.keySet().stream().anyMatch(name -> name.startsWith(prefix));
  }

  /** Returns the properties that were not taken out. */
  List<Property> rest() {
    return new ArrayList<>(properties.values());
  }
}
