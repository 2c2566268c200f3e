package io.outboxrelay.outbox;

import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The allowed types of the payload column; decides how its bytes are fetched and which content type
 * they have.
 */
public enum PayloadType {
  JSONB("application/json"),
  JSON("application/json"),
  TEXT("text/plain; charset=utf-8"),
  BYTEA("application/octet-stream");

  private static final byte JSONB_VERSION = 1;

  /**
   * The factor by which a compressed value is counted; in the worst case it grows ninety times
   * (pglz).
   */
  private static final int SWELLS = 20;

  /**
   * If a value is stored in more bytes than this, its real length is computed. A large value never
   * compresses to fewer bytes, so the stored size of the others is good enough.
   */
  private static final int SURELY_COUNTED = 500;

  /** The most that a stored value can grow when it is decompressed, with a margin (lz4: 255). */
  private static final int SWELLS_AT_MOST = 300;

  private final String contentType;

  PayloadType(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }

  /** Returns the type's name in SQL. */
  public String sql() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns an SQL expression for the column's bytes. The server produces them, and nothing parses
   * them on the way to the broker. Read the result with {@link #payload}.
   */
  String bytesOf(String column) {
    return switch (this) {
      case JSONB -> "jsonb_send(" + column + ")";
      case JSON, TEXT -> "textsend(" + column + "::text)";
      case BYTEA -> column;
    };
  }

  /**
   * Returns an SQL condition that is true if a value has more than {@code bytes} bytes. The bytes
   * of {@code jsonb} are counted only if the stored value is large enough to reach the limit.
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

  /**
   * Returns the payload in the result of {@link #bytesOf}; {@code jsonb} begins with the version of
   * its format.
   */
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
   * Returns an SQL expression that estimates the bytes of {@link #bytesOf}, as cheap as the server
   * allows. For {@code jsonb} it is the stored size, or a multiple of it if the value is
   * compressed; for the other types the server knows the length without decompressing.
   *
   * @param tellsCompression true if the server can tell that a value is compressed (PostgreSQL 14
   *     or later); older servers decompress values that may be
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
