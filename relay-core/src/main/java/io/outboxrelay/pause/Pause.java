package io.outboxrelay.pause;

import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * One pause.
 *
 * @param destination a destination, a pattern of several, or {@link #ALL}
 * @param by who asked for it
 */
public record Pause(String destination, OffsetDateTime since, String by, @Nullable String reason) {

  /** Stands for everything. */
  public static final String ALL = "*";

  static final String COLUMNS = "destination, paused_at, paused_by, reason";

  static Pause of(Row row) {
    return new Pause(
        row.getString(0), row.getOffsetDateTime(1), row.getString(2), row.getString(3));
  }

  boolean isOfAll() {
    return destination.equals(ALL);
  }

  /** What is paused, for a sentence. */
  public String what() {
    return what(destination);
  }

  static String what(String destination) {
    return destination.equals(ALL) ? "everything" : destination;
  }

  /** Such as {@code paused by alice@db-1 since 2026-01-02T03:04:05Z (maintenance)}. */
  public String sentence() {
    return "paused by "
        + by
        + " since "
        + since.toInstant()
        + (reason == null ? "" : " (" + reason + ")");
  }
}
