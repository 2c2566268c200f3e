package io.outboxrelay.outbox;

import java.util.Map;

/** The setting {@code outbox.layout}: it decides the default names of the table's columns. */
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

  /** Returns the default name of a column, which applies if no setting contains the name. */
  String nameOf(OutboxColumn column) {
    return names.getOrDefault(column, column.sql());
  }
}
