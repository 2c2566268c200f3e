package io.outboxrelay.admin;

import java.util.Locale;

/** The permissions of a caller of the API. */
enum Role {
  /** The caller may only read, which means requests with GET. */
  READ_ONLY,
  /** The caller may do everything. */
  OPERATOR;

  /** Returns the role as the API writes it. */
  String written() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
