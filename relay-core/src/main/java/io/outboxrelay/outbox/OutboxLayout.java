package io.outboxrelay.outbox;

import java.util.Map;

/** The table for which the columns have their default names: the setting {@code outbox.layout}. */
public enum OutboxLayout {
  /** The table that {@code init} creates. */
  RELAY(Map.of()),

  /** The table of Debezium's outbox event router. */
  DEBEZIUM(
      Map.of(
          OutboxColumn.AGGREGATE_TYPE, "aggregatetype",
          OutboxColumn.AGGREGATE_ID, "aggregateid",
          OutboxColumn.EVENT_TYPE, "type",
          OutboxColumn.HEADERS, OutboxColumns.NONE));

  private final Map<OutboxColumn, String> names;

  OutboxLayout(Map<OutboxColumn, String> names) {
    this.names = names;
  }

  /** Returns the name of a column if no setting names it. */
  String nameOf(OutboxColumn column) {
    return names.getOrDefault(column, column.sql());
  }
}
