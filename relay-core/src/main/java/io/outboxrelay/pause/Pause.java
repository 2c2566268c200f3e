package io.outboxrelay.pause;

import io.outboxrelay.format.TimestampFormat;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A pause of everything or of some destinations, which an operator has requested.
 *
 * @param destination a destination, a pattern of destinations, or {@link #ALL}
 * @param by the operator that requested the pause
 */
public record Pause(String destination, OffsetDateTime since, String by, @Nullable String reason) {

  /** The pattern of a pause of everything. */
  public static final String ALL = "*";

  static final String COLUMNS = "destination, paused_at, paused_by, reason";

  static Pause of(Row row) {
    return new Pause(
        row.getString(0), row.getOffsetDateTime(1), row.getString(2), row.getString(3));
  }

  /** Returns true if this is a pause of everything. */
  public boolean isOfAll() {
    return destination.equals(ALL);
  }

  /**
   * Returns the destination or pattern as a word of a sentence: {@code everything} for {@link
   * #ALL}.
   */
  public String what() {
    return what(destination);
  }

  static String what(String destination) {
    return destination.equals(ALL) ? "everything" : destination;
  }

  /**
   * Returns words such as {@code paused by alice@db-1 since 2026-01-02T03:04:05Z (maintenance)}.
   */
  public String sentence() {
    return "paused by "
        + by
        + " since "
        + TimestampFormat.of(since)
        + (reason == null ? "" : " (" + reason + ")");
  }
}
