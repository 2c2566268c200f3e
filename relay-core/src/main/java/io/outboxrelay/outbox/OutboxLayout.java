package io.outboxrelay.outbox;

/** The setting {@code outbox.layout}: it decides the default names of the table's columns. */
public enum OutboxLayout {
  /** The table that {@code init} creates. */
  RELAY,

  /** The table of Debezium's outbox event router. */
  DEBEZIUM;

  /** Returns the default name of a column, which applies if no setting contains the name. */
  String nameOf(OutboxColumn column) {
    return this == RELAY ? column.sql() : nameInTableOfDebezium(column);
  }

  private static String nameInTableOfDebezium(OutboxColumn column) {
    return switch (column) {
      case AGGREGATE_TYPE -> "aggregatetype";
      case AGGREGATE_ID -> "aggregateid";
      case EVENT_TYPE -> "type";
      case HEADERS -> OutboxColumns.NONE;
      default -> column.sql();
    };
  }
}
