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

  /** Returns the name in the table that {@code init} creates, which is also its name in SQL. */
  public String sql() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the key of the setting that names the column of another table. */
  String key() {
    return sql().replace('_', '-');
  }

  /** Returns true if a table needs no such column, because each event gets a defined value. */
  boolean mayBeAbsent() {
    return this == AGGREGATE_TYPE || this == AGGREGATE_ID || this == EVENT_TYPE || this == HEADERS;
  }
}
