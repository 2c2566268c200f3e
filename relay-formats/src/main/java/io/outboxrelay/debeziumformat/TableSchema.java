package io.outboxrelay.debeziumformat;

import io.outboxrelay.publish.ColumnType;
import io.outboxrelay.publish.PublishException.Rejected;
import java.time.DateTimeException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/** The schemas of the columns of one table. For one thread. */
final class TableSchema {
  private static final int MOST_SHOWN = 100;

  private final Map<String, ColumnType> types;
  private final Map<String, ColumnCodec> codecs = new HashMap<>();

  TableSchema(Map<String, ColumnType> types) {
    this.types = types;
  }

  /** Returns true if this schema is that of a table with the columns {@code others}. */
  boolean isOf(Map<String, ColumnType> others) {
    return types == others || types.equals(others);
  }

  boolean has(String column) {
    return types.containsKey(column);
  }

  Schema schema(String column) {
    return codec(column).schema();
  }

  /**
   * Returns the value of a column.
   *
   * @throws Rejected if the value cannot be part of a message, such as an infinite time
   */
  @Nullable Object value(String column, @Nullable String text) {
    return text == null ? null : decoded(column, text, codec(column).decoder());
  }

  /** Returns a time in milliseconds since 1970; throws as {@link #value} does. */
  @Nullable Long milliseconds(String column, @Nullable String text) {
    return text == null
        ? null
        : decoded(column, text, time -> ColumnCodec.time(time).toInstant().toEpochMilli());
  }

  private static <T> T decoded(String column, String text, Function<String, T> decoder) {
    try {
      return decoder.apply(text);
    } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) {
      throw new Rejected(
          "its column %s is \"%s\", for which Debezium's messages have no value"
              .formatted(column, text.substring(0, Math.min(MOST_SHOWN, text.length()))),
          e);
    }
  }

  private ColumnCodec codec(String column) {
    var known = codecs.get(column);
    if (known == null) {
      var type = types.get(column);
      if (type == null) {
        throw new IllegalArgumentException("the table has no column " + column);
      }
      known = ColumnCodec.of(type);
      codecs.put(column, known);
    }
    return known;
  }
}
