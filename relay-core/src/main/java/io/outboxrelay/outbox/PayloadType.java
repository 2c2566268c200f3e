package io.outboxrelay.outbox;

import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the payload column may be; decides how its bytes are fetched and what they are called. */
public enum PayloadType {
  JSONB("application/json"),
  JSON("application/json"),
  TEXT("text/plain; charset=utf-8"),
  BYTEA("application/octet-stream");

  private static final byte JSONB_VERSION = 1;

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

  /**
   * The column's bytes, made by the server: nothing is parsed on the way to the broker. To be read
   * with {@link #payload}.
   */
  String bytesOf(String column) {
    return switch (this) {
      case JSONB -> "jsonb_send(" + column + ")";
      case JSON, TEXT -> "textsend(" + column + "::text)";
      case BYTEA -> column;
    };
  }

  /** The payload in what {@link #bytesOf} gave: {@code jsonb} says the version of its format. */
  @Nullable Buffer payload(@Nullable Buffer bytes) {
    if (this != JSONB || bytes == null) {
      return bytes;
    }
    if (bytes.getByte(0) != JSONB_VERSION) {
      throw new IllegalStateException(
          "jsonb came in the format "
              + bytes.getByte(0)
              + ", and only "
              + JSONB_VERSION
              + " is known");
    }
    return bytes.slice(1, bytes.length());
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
