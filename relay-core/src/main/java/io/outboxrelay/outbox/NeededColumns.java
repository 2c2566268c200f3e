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
   * The names of the types by the name of the column. A value of another type would be read as
   * none, so its event would be rejected.
   */
  public static final Map<String, Set<String>> TYPES = types();

  private NeededColumns() {}

  private static Map<String, Set<String>> types() {
    var types = new LinkedHashMap<String, Set<String>>();
    types.put("xid", Set.of("xid8"));
    types.put("seq", Set.of("bigint"));
    types.put("id", Set.of("uuid"));
    types.put("aggregate_type", TEXT);
    types.put("aggregate_id", TEXT);
    types.put("event_type", TEXT);
    types.put(
        "payload",
        Stream.of(PayloadType.values()).map(PayloadType::sql).collect(Collectors.toSet()));
    types.put("headers", Set.of("jsonb", "json"));
    types.put("created_at", Set.of("timestamp with time zone"));
    return Collections.unmodifiableMap(types);
  }

  /**
   * Returns an SQL expression for the name of the type as the relay reads it: any type for
   * characters as {@code text}, and a domain as the type on which it is based.
   *
   * @param type the alias of a row of {@code pg_type}
   */
  public static String readAs(String type) {
    return "case when %1$s.typcategory = 'S' then '%2$s' else %3$s end"
        .formatted(type, TEXT_TYPE, base(type));
  }

  /**
   * Returns an SQL expression for the name of the type; of a domain, of the type it is based on.
   */
  static String base(String type) {
    return "format_type(coalesce(nullif(%1$s.typbasetype, 0), %1$s.oid), null)".formatted(type);
  }
}
