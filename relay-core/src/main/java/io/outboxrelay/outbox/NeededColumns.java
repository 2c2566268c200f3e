package io.outboxrelay.outbox;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The columns of an outbox, with the types that the relay can read. */
public final class NeededColumns {
  private static final String TEXT_TYPE = "text";
  private static final Set<String> TEXT = Set.of(TEXT_TYPE, "character varying");

  /**
   * The allowed types of a text column of an adopted table. The relay reads a value of each of
   * these types as text.
   */
  private static final Set<String> AS_TEXT =
      Set.of(TEXT_TYPE, "character varying", "uuid", "bigint", "integer", "smallint");

  /**
   * A type that is refused for the columns of an adopted table, because its values have trailing
   * blanks in the log but lose them when SQL converts them to text.
   */
  private static final String PADDED = "character";

  private NeededColumns() {}

  /**
   * Returns the names of the allowed types for each column, by the name of the column in the table.
   * The relay would read a value of any other type as null, and would reject the event.
   */
  public static Map<String, Set<String>> types(OutboxColumns columns) {
    var types = new LinkedHashMap<String, Set<String>>();
    for (var column : OutboxColumn.values()) {
      columns.name(column).ifPresent(name -> types.put(name, types(column, columns)));
    }
    columns
        .further()
        .allowed()
        .forEach(
            (name, allowed) ->
                types.merge(
                    name,
                    allowed,
                    (one, other) ->
                        one.stream().filter(other::contains).collect(Collectors.toSet())));
    return Collections.unmodifiableMap(types);
  }

  private static Set<String> types(OutboxColumn column, OutboxColumns columns) {
    return switch (column) {
      case XID -> Set.of("xid8");
      case SEQ -> Set.of("bigint");
      case ID -> columns.idType().types();
      case AGGREGATE_TYPE, AGGREGATE_ID, EVENT_TYPE -> columns.isMapped() ? AS_TEXT : TEXT;
      case PAYLOAD ->
          Stream.of(PayloadType.values()).map(PayloadType::sql).collect(Collectors.toSet());
      case HEADERS -> Set.of("jsonb", "json");
      case CREATED_AT -> Set.of("timestamp with time zone");
    };
  }

  /**
   * Returns true if the relay can read a column of this type.
   *
   * @param types the allowed types of the column
   * @param type the result of {@link #base}
   * @param readAs the result of {@link #readAs}
   */
  public static boolean isReadable(
      OutboxColumns columns, Set<String> types, String type, String readAs) {
    return types.contains(readAs) && !(columns.isMapped() && type.equals(PADDED));
  }

  /**
   * Returns an SQL expression for the name of the type as which the relay reads a column. For every
   * type of character strings the name is {@code text}; for a domain, it is the name of the type on
   * which the domain is based.
   *
   * @param type the alias of a row of {@code pg_type}
   */
  public static String readAs(String type) {
    return "case when %1$s.typcategory = 'S' then '%2$s' else %3$s end"
        .formatted(type, TEXT_TYPE, base(type));
  }

  /**
   * Returns an SQL expression that yields the name of a type or, if the type is a domain, of the
   * type on which the domain is based.
   *
   * @param type the alias of a row of {@code pg_type}
   */
  public static String base(String type) {
    return "format_type(coalesce(nullif(%1$s.typbasetype, 0), %1$s.oid), null)".formatted(type);
  }
}
