package io.outboxrelay.admin;

import java.util.Locale;

/** The permissions of a caller of the API. */
enum Role {
  /** May read only: requests with GET. */
  READ_ONLY,
  /** May do everything. */
  OPERATOR;

  /** Returns the role as the API writes it. */
  String written() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
