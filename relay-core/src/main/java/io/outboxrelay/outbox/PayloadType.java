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

  /** What is compressed counts so many times; at the worst it swells ninety times (pglz). */
  private static final int SWELLS = 20;

  /** More than compression at its best can have left of a large value. */
  private static final int SURELY_COUNTED = 500;

  /** How many times what is stored compressed can swell, with room to spare (lz4: 255). */
  private static final int SWELLS_AT_MOST = 300;

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

  /**
   * Whether a value has more bytes than may be, in SQL: counted exactly, but only if what is stored
   * can be so many.
   */
  String exceeds(String column, long bytes) {
    return switch (this) {
      case JSONB ->
          "case when pg_column_size(%1$s) > %2$d then octet_length(%1$s::text) > %3$d else false end"
              .formatted(column, bytes / SWELLS_AT_MOST, bytes);
      case JSON -> "octet_length(%s::text) > %d".formatted(column, bytes);
      case TEXT, BYTEA -> "octet_length(%s) > %d".formatted(column, bytes);
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
   * it is what is stored, or a multiple of it where it is compressed; the others know the length
   * without unpacking.
   *
   * @param tellsCompression whether the server, from PostgreSQL 14 on, says what is compressed;
   *     others unpack what may be
   */
  String sizeOf(String column, boolean tellsCompression) {
    return switch (this) {
      case JSONB ->
          tellsCompression
              ? "pg_column_size(%1$s) * case when pg_column_compression(%1$s) is null then 1 else %2$d end"
                  .formatted(column, SWELLS)
              : "case when pg_column_size(%1$s) > %2$d then octet_length(%1$s::text) else pg_column_size(%1$s) end"
                  .formatted(column, SURELY_COUNTED);
      case JSON -> "octet_length(" + column + "::text)";
      case TEXT, BYTEA -> "octet_length(" + column + ")";
    };
  }
}
