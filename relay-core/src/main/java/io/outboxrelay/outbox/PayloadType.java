package io.outboxrelay.outbox;

import java.util.Locale;

/** What the payload column may be; decides how its bytes are fetched and what they are called. */
public enum PayloadType {
  JSONB("application/json"),
  JSON("application/json"),
  TEXT("text/plain; charset=utf-8"),
  BYTEA("application/octet-stream");

  private final String contentType;

  PayloadType(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }

  /** The type's name in SQL. */
  public String sql() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The column's bytes, made by the server: nothing is parsed on the way to the broker. */
  String bytesOf(String column) {
    return switch (this) {
      case JSONB, JSON -> "convert_to(" + column + "::text, 'UTF8')";
      case TEXT -> "convert_to(" + column + ", 'UTF8')";
      case BYTEA -> column;
    };
  }

  /**
   * How many bytes {@link #bytesOf} will make, as cheaply as the server can tell: for {@code jsonb}
   * it is what is stored, maybe compressed; the others know the length without unpacking.
   */
  public String sizeOf(String column) {
    return switch (this) {
      case JSONB -> "pg_column_size(" + column + ")";
      case JSON -> "octet_length(" + column + "::text)";
      case TEXT, BYTEA -> "octet_length(" + column + ")";
    };
  }
}
