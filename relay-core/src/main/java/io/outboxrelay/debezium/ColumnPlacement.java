package io.outboxrelay.debezium;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The place of an additional column in a message, as in {@code table.fields.additional.placement}
 * of Debezium's outbox event router.
 *
 * @param column the name of the column
 * @param place where the message holds the column's value
 * @param alias the name of the header or of the envelope's field; by default the column's name
 */
public record ColumnPlacement(String column, Place place, String alias) {

  /** A place in a message. */
  public enum Place {
    /** A header beside {@code id}. */
    HEADER,

    /** A field beside {@code payload}; the value of the message is then an envelope. */
    ENVELOPE,

    /** The column holds the number of the partition; the alias has no effect. */
    PARTITION;

    private static Place parse(String text, String entry) {
      return Stream.of(values())
          .filter(place -> place.name().equalsIgnoreCase(text))
          .findAny()
          .orElseThrow(
              () ->
                  mistake(
                      entry, "\"%s\" is none of header, envelope and partition".formatted(text)));
    }
  }

  /**
   * Parses a list such as {@code type:header:eventType,tenant:envelope,slot:partition}.
   *
   * @throws IllegalArgumentException if the list has a mistake, even if Debezium would notice that
   *     mistake only at the first event; the message is a phrase for the user
   */
  public static List<ColumnPlacement> parse(String text) {
    return Stream.of(text.split(",", -1))
        .map(String::strip)
        .map(ColumnPlacement::parseOne)
        .toList();
  }

  private static ColumnPlacement parseOne(String entry) {
    var parts = Stream.of(entry.split(":", -1)).map(String::strip).toList();
    if (parts.size() < 2 || parts.size() > 3) {
      throw mistake(entry, "it is not written column:place or column:place:alias");
    }
    if (parts.contains("")) {
      throw mistake(entry, "a part of it is empty");
    }
    return new ColumnPlacement(
        parts.get(0), Place.parse(parts.get(1), entry), parts.get(parts.size() == 3 ? 2 : 0));
  }

  private static IllegalArgumentException mistake(String entry, String reason) {
    return new IllegalArgumentException("has the entry \"%s\": %s".formatted(entry, reason));
  }

  /** Returns the placement as it is configured. */
  @Override
  public String toString() {
    String where = column + ":" + place.name().toLowerCase(Locale.ROOT);
    return alias.equals(column) ? where : where + ":" + alias;
  }
}
