package io.outboxrelay.wal;

import java.util.Locale;

/** The columns of the outbox that an event needs; all others are ignored. */
enum OutboxColumn {
  XID,
  SEQ,
  ID,
  AGGREGATE_TYPE,
  AGGREGATE_ID,
  EVENT_TYPE,
  PAYLOAD,
  HEADERS,
  CREATED_AT;

  /** Returns the name in SQL. */
  String sql() {
    return name().toLowerCase(Locale.ROOT);
  }
}
