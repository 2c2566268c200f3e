package io.outboxrelay.outbox;

import io.outboxrelay.debezium.ColumnPlacement;
import io.outboxrelay.debezium.EventRouterConfig;
import io.outboxrelay.publish.ColumnType;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a table that the messages need in addition to the columns of {@link OutboxColumn}.
 * For each of these columns an event has a header. The name of the header is the name of the
 * column, and its value is the column's value in PostgreSQL's text form. If the column's value is
 * null, the event has no such header.
 *
 * <p>This class is thread-safe. Its types are those of the table that was verified last.
 */
public final class FurtherColumns {
  /**
   * The name of a header that an event has if its row has no key, which is the aggregate id. The
   * event then uses its own id as the aggregate id.
   */
  public static final String NO_KEY = "outbox:no-key";

  /** The names of the fields of a W3C trace context. */
  public static final String TRACE_PARENT = "traceparent";

  public static final String TRACE_STATE = "tracestate";

  /** The most names with values that one call of {@code jsonb_build_object} can take. */
  private static final int MOST_ENTRIES = 50;

  static final FurtherColumns NONE = new FurtherColumns(null, List.of(), false);

  private static final Set<String> TEXT = Set.of("text", "character varying");
  private static final Set<String> INTEGER = Set.of("integer");
  private static final Set<String> TIME =
      Set.of("timestamp without time zone", "timestamp with time zone");
  private static final Set<String> PLACED =
      Set.of(
          "text",
          "character varying",
          "uuid",
          "smallint",
          "integer",
          "bigint",
          "boolean",
          "real",
          "double precision",
          "numeric",
          "date",
          "time without time zone",
          "timestamp without time zone",
          "timestamp with time zone",
          "json",
          "jsonb",
          "bytea");

  private final @Nullable EventRouterConfig router;
  private final List<String> names;
  private final boolean marksMissingKeys;
  private final @Nullable String tracing;
  private volatile Map<String, ColumnType> types = Map.of();

  private FurtherColumns(
      @Nullable EventRouterConfig router, List<String> names, boolean marksMissingKeys) {
    this.router = router;
    this.names = List.copyOf(names);
    this.marksMissingKeys = marksMissingKeys;
    tracing = router == null ? null : router.columns().tracing().orElse(null);
  }

  /**
   * Returns the columns that a router needs.
   *
   * @param mapped the names of the columns of {@link OutboxColumn} by column
   * @param idType the type of the ids; if it is not UUID, an event has its original id as a further
   *     header
   */
  static FurtherColumns of(
      EventRouterConfig router, Map<OutboxColumn, String> mapped, EventIdType idType) {
    var names = new ArrayList<>(router.furtherColumns());
    names.removeAll(
        Stream.of(OutboxColumn.AGGREGATE_TYPE, OutboxColumn.AGGREGATE_ID, OutboxColumn.EVENT_TYPE)
            .map(mapped::get)
            .toList());
    String id = mapped.get(OutboxColumn.ID);
    if (idType == EventIdType.UUID) {
      names.remove(id);
    } else if (id != null && !names.contains(id)) {
      names.add(id);
    }
    return new FurtherColumns(router, names, true);
  }

  /**
   * Returns the router; empty if the setting {@code outbox.layout} chooses a layout without a
   * router.
   */
  public Optional<EventRouterConfig> router() {
    return Optional.ofNullable(router);
  }

  /**
   * Returns the unquoted names of these columns, in the order in which a row contains their values.
   */
  public List<String> names() {
    return names;
  }

  /**
   * Returns true if an event without a key is published and has the header {@link #NO_KEY}; false
   * if it is a defect.
   */
  public boolean marksMissingKeys() {
    return marksMissingKeys;
  }

  /** Returns true if the column of this name may be missing in the table. */
  public boolean mayLack(String name) {
    return router != null && router.mayLack(name);
  }

  /** Returns the key of the setting that contains the name of a column. */
  String settingOf(String name) {
    return router == null ? "outbox.columns" : router.settingOf(name);
  }

  /** Returns the types of all columns of the table by name; empty if messages do not need them. */
  public Map<String, ColumnType> types() {
    return types;
  }

  /**
   * Returns the headers, with the fields of the trace context from the tracing column added as
   * headers of their own. The span of the event then continues the application's trace.
   */
  Map<String, String> withTraceContext(Map<String, String> headers) {
    String text = tracing == null ? null : headers.get(tracing);
    if (text == null) {
      return headers;
    }
    var all = new LinkedHashMap<>(headers);
    traceContext(text).forEach(all::putIfAbsent);
    return all;
  }

  /**
   * Reads a trace context as Debezium's tracing column contains it: in the form of {@link
   * Properties}.
   *
   * @return the fields of the W3C trace context; empty if the text has none
   */
  public static Map<String, String> traceContext(String text) {
    var context = new Properties();
    try {
      context.load(new StringReader(text));
    } catch (IOException | IllegalArgumentException e) {
      return Map.of(); // It is no trace context, so the event begins a trace, or has none.
    }
    return Stream.of(TRACE_PARENT, TRACE_STATE)
        .filter(name -> context.getProperty(name) != null)
        .collect(Collectors.toMap(name -> name, context::getProperty));
  }

  /** Stores the types of all columns of the table, if messages need them. */
  void learn(Map<String, ColumnType> ofTable) {
    if (router != null && !ofTable.equals(types)) {
      types = Map.copyOf(ofTable);
    }
  }

  /** Returns the allowed types by the name of the column. */
  Map<String, Set<String>> allowed() {
    var config = router;
    return config == null
        ? Map.of()
        : names.stream().collect(Collectors.toMap(name -> name, name -> allowed(config, name)));
  }

  private static Set<String> allowed(EventRouterConfig router, String name) {
    var columns = router.columns();
    if (columns.timestamp().filter(name::equals).isPresent()) {
      return TIME;
    }
    if (columns.tracing().filter(name::equals).isPresent()) {
      return TEXT;
    }
    boolean isInteger =
        columns.schemaVersion().filter(name::equals).isPresent()
            || router.placements().stream()
                .anyMatch(
                    placement ->
                        placement.column().equals(name)
                            && placement.place() == ColumnPlacement.Place.PARTITION);
    return isInteger ? INTEGER : PLACED;
  }

  /**
   * Returns an SQL expression for the headers of an event.
   *
   * @param row the alias of a row of the table with a dot, or empty
   * @param key the key's column in SQL
   */
  String headers(String row, @Nullable String key) {
    var entries = new ArrayList<String>();
    for (String name : names) {
      entries.add(literal(name) + ", " + row + OutboxNames.quoted(name) + "::text");
    }
    String mark = literal(NO_KEY) + ", case when " + row + key + " is null then 'true' end";
    if (key != null && marksMissingKeys && !names.isEmpty()) {
      entries.add(mark);
    }
    if (!entries.isEmpty()) {
      return "jsonb_strip_nulls(" + object(entries) + ")";
    }
    return key == null || !marksMissingKeys
        ? "null::jsonb"
        : "case when %s is null then jsonb_build_object(%s, 'true') end"
            .formatted(row + key, literal(NO_KEY));
  }

  /** Returns an SQL expression for an object; PostgreSQL allows 100 arguments of a function. */
  private static String object(List<String> entries) {
    var parts = new ArrayList<String>();
    for (int from = 0; from < entries.size(); from += MOST_ENTRIES) {
      int to = Math.min(entries.size(), from + MOST_ENTRIES);
      parts.add("jsonb_build_object(" + String.join(", ", entries.subList(from, to)) + ")");
    }
    return String.join(" || ", parts);
  }

  /**
   * Returns an item for a {@code from} clause that wraps a sub-select of the table, so that a
   * column that the table lacks is null. This works because SQL looks up a name that the
   * sub-select's table lacks in the enclosing query, and the enclosing query defines each such name
   * as null.
   */
  String tolerating(String subselect) {
    String absent =
        names.stream()
            .filter(this::mayLack)
            .map(name -> "null::text as " + OutboxNames.quoted(name))
            .collect(Collectors.joining(", "));
    return absent.isEmpty()
        ? subselect
        : "(select present.* from (select %s) absent, lateral %s present)"
            .formatted(absent, subselect);
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
