package io.outboxrelay.outbox;

import io.outboxrelay.debezium.EventRouterConfig;
import io.outboxrelay.settings.Settings;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The columns of the outbox's table: their names, and the SQL that reads them.
 *
 * <p>All statements use the names of {@link OutboxColumn}. If the table's own names differ, the
 * statements read the table through a sub-select that renames the columns. PostgreSQL's planner
 * removes the sub-select, so it costs nothing. Only this class knows the table's own names.
 *
 * @param names the unquoted names in the table, by column; columns that the table does not have are
 *     left out
 * @param idType the type of the column with the ids
 * @param absentType the text that an event gets as aggregate type, or as event type, if the table
 *     has no column for it
 * @param isMapped true if settings describe the columns; false for the table that {@code init}
 *     creates
 * @param further the columns that messages need in addition
 */
public record OutboxColumns(
    Map<OutboxColumn, String> names,
    EventIdType idType,
    String absentType,
    boolean isMapped,
    FurtherColumns further) {
  /** The value of a setting for a column that the table does not have. */
  static final String NONE = "none";

  private static final OutboxColumns OWN =
      new OutboxColumns(
          Stream.of(OutboxColumn.values())
              .collect(Collectors.toMap(column -> column, OutboxColumn::sql)),
          EventIdType.UUID,
          "",
          false,
          FurtherColumns.NONE);

  public OutboxColumns {
    names = Map.copyOf(names);
  }

  /** Returns the columns of the table that {@code init} creates. */
  public static OutboxColumns own() {
    return OWN;
  }

  /**
   * Reads the section {@code columns} of the settings. Without this section, the columns are those
   * of the layout.
   *
   * @param outbox the section {@code outbox}
   * @param layout the layout, which defines the names that no setting contains
   * @param table the name of the table, unquoted
   */
  static OutboxColumns from(Settings outbox, OutboxLayout layout, String table) {
    var in = outbox.section("columns");
    var names = new EnumMap<OutboxColumn, String>(OutboxColumn.class);
    Map<String, OutboxColumn> taken = new HashMap<>();
    for (var column : OutboxColumn.values()) {
      String name = in.text(column.key(), layout.nameOf(column));
      in.require(!name.isBlank(), column.key(), "must not be empty");
      if (name.equals(NONE)) {
        in.require(
            column.mayBeAbsent(),
            column.key(),
            "must name a column; the command init --adopt adds xid, seq and created_at");
        continue;
      }
      names.put(column, name);
      var other = taken.putIfAbsent(name, column);
      in.require(
          other == null,
          column.key(),
          "is the column of outbox.columns."
              + (other == null ? "" : other.key())
              + " too; give each its own column, or none");
    }
    var idType = in.choice("id-type", EventIdType.UUID);
    var router =
        EventRouterConfig.from(outbox.section("debezium"), layout == OutboxLayout.DEBEZIUM);
    if (layout == OutboxLayout.DEBEZIUM) {
      in.require(
          !names.containsKey(OutboxColumn.HEADERS),
          OutboxColumn.HEADERS.key(),
          "is not read with outbox.layout: debezium; name columns in outbox.debezium.placement");
      return new OutboxColumns(
          names, idType, table, true, FurtherColumns.of(router, names, idType));
    }
    boolean isMapped = in.isGiven() || !names.equals(OWN.names) || idType != EventIdType.UUID;
    return isMapped ? new OutboxColumns(names, idType, table, true, FurtherColumns.NONE) : OWN;
  }

  /**
   * Returns the names of all columns as one text, in which {@code none} stands for a column that
   * the table does not have. The text is empty for the table that {@code init} creates.
   */
  public String mapping() {
    return isMapped
        ? Stream.of(OutboxColumn.values())
            .map(column -> column.key() + " " + names.getOrDefault(column, NONE))
            .collect(
                Collectors.joining(
                    ", ",
                    "",
                    ", id-type "
                        + idType.name().toLowerCase(Locale.ROOT)
                        + further.router().map(router -> ", debezium " + router).orElse("")))
        : "";
  }

  /** Returns the unquoted name of a column; empty if the table does not have it. */
  public Optional<String> name(OutboxColumn column) {
    return Optional.ofNullable(names.get(column));
  }

  /** Returns the unquoted name of a column that every outbox has. */
  public String required(OutboxColumn column) {
    return name(column)
        .orElseThrow(() -> new IllegalStateException("no column is mapped to " + column.sql()));
  }

  /**
   * Returns the unquoted names of the columns that {@code init --adopt} adds to a table without
   * them.
   */
  public List<String> added() {
    return Stream.of(OutboxColumn.XID, OutboxColumn.SEQ, OutboxColumn.CREATED_AT)
        .map(this::required)
        .toList();
  }

  /** Returns the name in SQL of a column that every outbox has. */
  public String sql(OutboxColumn column) {
    return quoted(required(column));
  }

  /**
   * Returns an identifier as it is written in SQL: without quotes if it is a column name of the
   * table that {@code init} creates, and otherwise with quotes.
   */
  static String quoted(String name) {
    return OWN.names.containsValue(name) ? name : OutboxNames.quoted(name);
  }

  /**
   * Returns the key of the setting that contains the name of a column.
   *
   * @param name the unquoted name of the column in the table
   */
  public String settingOf(String name) {
    return column(name)
        .map(column -> "outbox.columns." + column.key())
        .orElseGet(() -> further.settingOf(name));
  }

  /** Returns true if the setting that contains the name of this column may be {@link #NONE}. */
  public boolean mayBeAbsent(String name) {
    return column(name).map(OutboxColumn::mayBeAbsent).orElse(false);
  }

  private Optional<OutboxColumn> column(String name) {
    return names.entrySet().stream()
        .filter(entry -> entry.getValue().equals(name))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * Returns an SQL expression for the value of a column, converted to the type that the column has
   * in the table that {@code init} creates.
   *
   * @param row the alias of a row of the table with a dot, or empty
   */
  public String expression(OutboxColumn column, String row) {
    if (!isMapped) {
      return row + column.sql();
    }
    var name = name(column).map(found -> row + quoted(found));
    return switch (column) {
      case XID, SEQ, PAYLOAD, CREATED_AT -> name.orElseThrow();
      case ID -> idType.sql(name.orElseThrow());
      case AGGREGATE_TYPE, EVENT_TYPE ->
          name.map(OutboxColumns::asText)
              .orElseGet(() -> "'" + absentType.replace("'", "''") + "'::text");
      case AGGREGATE_ID -> aggregateId(name.map(OutboxColumns::asText).orElse(null), row);
      case HEADERS -> name.orElseGet(() -> furtherHeaders(row));
    };
  }

  private String aggregateId(@Nullable String key, String row) {
    String id = asText(idIn(row));
    if (key == null) {
      return id;
    }
    return further.marksMissingKeys() ? "coalesce(" + key + ", " + id + ")" : key;
  }

  private String furtherHeaders(String row) {
    return further.headers(
        row, name(OutboxColumn.AGGREGATE_ID).map(OutboxColumns::quoted).orElse(null));
  }

  private String idIn(String row) {
    return row + sql(OutboxColumn.ID);
  }

  private static String asText(String column) {
    return column + "::text";
  }

  /**
   * Returns an item for a {@code from} clause that has the columns of {@link OutboxColumn}: the
   * table or, if the table's own names differ, a sub-select of the table. The caller must add an
   * alias.
   *
   * <p>The sub-select leaves out rows without a sequence number. Such rows were in the table before
   * it was adopted, and the relay ignores them.
   *
   * @param table the name of the table in SQL
   */
  String rows(String table) {
    if (!isMapped) {
      return table;
    }
    String columns =
        Stream.of(OutboxColumn.values())
            .map(column -> expression(column, "") + " as " + column.sql())
            .collect(Collectors.joining(", "));
    return further.tolerating(
        "(select %s, xmin from %s where %s is not null)"
            .formatted(columns, table, sql(OutboxColumn.SEQ)));
  }
}
