package io.outboxrelay.admin;

import java.util.Locale;

/** What a caller of the API may do. */
enum Role {
  /** Looks, and changes nothing: only requests with GET. */
  READ_ONLY,
  /** Does everything. */
  OPERATOR;

  /** As the API writes it. */
  String written() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
