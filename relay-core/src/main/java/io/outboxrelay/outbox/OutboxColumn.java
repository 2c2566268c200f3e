package io.outboxrelay.outbox;

import java.util.Locale;

/** The columns of the outbox that an event needs; all others are ignored. */
public enum OutboxColumn {
  XID,
  SEQ,
  ID,
  AGGREGATE_TYPE,
  AGGREGATE_ID,
  EVENT_TYPE,
  PAYLOAD,
  HEADERS,
  CREATED_AT;

  /**
   * Returns the name of the column in the table that {@code init} creates. The relay's statements
   * use this name.
   */
  public String sql() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the key of the setting that contains the name of this column, for a table that {@code
   * init} has not created.
   */
  String key() {
    return sql().replace('_', '-');
  }

  /**
   * Returns true if an adopted table need not have this column. Each event then gets a defined
   * value for it.
   */
  boolean mayBeAbsent() {
    return this == AGGREGATE_TYPE || this == AGGREGATE_ID || this == EVENT_TYPE || this == HEADERS;
  }
}
