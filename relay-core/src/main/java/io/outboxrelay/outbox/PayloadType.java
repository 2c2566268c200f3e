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

  /** The assumed growth of a compressed value; in the worst case it grows ninety times (pglz). */
  private static final int SWELLS = 20;

  /** The most that a stored value can grow when it is decompressed, with a margin (lz4: 255). */
  private static final int SWELLS_AT_MOST = 300;

  /**
   * A {@code jsonb} value is printed only if its bytes in memory are at most this multiple of those
   * that its text may have. An array of small numbers exceeds that: it needs four times as many
   * bytes in memory as its text.
   */
  static final int UNPACKED = 2;

  /** A value of a row that fits into a block is not compressed. */
  private static final int NEVER_COMPRESSED = 2_000;

  /**
   * The most that a {@code jsonb} without long numbers grows when it is printed: a control
   * character has six characters.
   */
  private static final int GROWS = 6;

  /** The most bytes that {@code pg_column_size} counts besides those of the value. */
  private static final int VALUE_HEADER_BYTES = 4;

  /**
   * Stands for a {@code jsonb} of which the text is too large. A real value never begins with 0,
   * because its first byte is the version of its format.
   */
  private static final String WITHHELD = "'\\x00'::bytea";

  /** Stands for a value of {@code jsonb} that is too large in memory, so it has no text here. */
  private static final String UNPRINTED = "'\\x0000'::bytea";

  private static final int UNPRINTED_BYTES = 2;

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
   *
   * <p>For a {@code jsonb} with more than {@code bytes} bytes the result is a placeholder, see
   * {@link #isWithheld} and {@link #isUnprinted}. The size is known only from the text. The text is
   * produced only once, because that can take a minute for a value of 3 MB on disk.
   *
   * @param tellsCompression see {@link #sizeOf}
   */
  String bytesOf(String column, long bytes, boolean tellsCompression) {
    return switch (this) {
      case JSONB ->
          """
          case when %2$s then %6$s
            when %3$s then (select case when octet_length(sent) > %4$d then %5$s else sent end
                            from (select jsonb_send(%1$s) as sent offset 0) printed)
            else jsonb_send(%1$s) end"""
              .formatted(
                  column,
                  isHuge(column, bytes),
                  mayExceed(column, bytes, tellsCompression),
                  bytes + 1,
                  WITHHELD,
                  UNPRINTED);
      case JSON, TEXT -> "textsend(" + column + "::text)";
      case BYTEA -> column;
    };
  }

  /**
   * Returns an SQL expression for the text of a column of the type {@code jsonb}.
   *
   * @param withheld the result if the text has more than {@code bytes} bytes
   * @param unprinted the result if the value has so many bytes in memory that no text is produced
   */
  static String jsonText(
      String column, long bytes, boolean tellsCompression, String withheld, String unprinted) {
    return """
        case when %2$s then '%6$s'
          when %3$s then (select case when octet_length(text) > %4$d then '%5$s' else text end
                          from (select %1$s::text as text offset 0) printed)
          else %1$s::text end"""
        .formatted(
            column,
            isHuge(column, bytes),
            mayExceed(column, bytes, tellsCompression),
            bytes,
            withheld,
            unprinted);
  }

  /**
   * Returns an SQL condition that finds a large {@code jsonb} without its text, because the text of
   * a huge value takes longer than {@code relay.answer-timeout}, or cannot be produced at all. The
   * operator {@code #>} with an empty path only decompresses the value.
   */
  private static String isHuge(String column, long bytes) {
    return "pg_column_size(%1$s) > %2$d and (pg_column_size(%1$s) > %3$d or pg_column_size(%1$s #> '{}') > %3$d)"
        .formatted(column, UNPACKED * bytes / SWELLS_AT_MOST, UNPACKED * bytes);
  }

  /**
   * Returns an SQL condition that is true for a {@code jsonb} of which the text can have more than
   * {@code bytes} bytes: a hundred bytes that are compressed can be a thousand numbers of 130,000
   * digits. Such numbers in a value that is not compressed are not considered.
   */
  private static String mayExceed(String column, long bytes, boolean tellsCompression) {
    return tellsCompression
        ? "pg_column_compression(%1$s) is not null or pg_column_size(%1$s) > %2$d"
            .formatted(column, Math.min(NEVER_COMPRESSED, bytes / GROWS))
        : "true";
  }

  /**
   * Returns an SQL condition that is true if a value has more than {@code bytes} bytes; false for
   * {@code jsonb}, see {@link #bytesOf}. For a {@code json}, the stored size is tested first, so
   * that most values that are too large need not be converted to text. The stored size never
   * exceeds that of the text and its header.
   */
  String exceeds(String column, long bytes) {
    return switch (this) {
      case JSONB -> "false";
      case JSON ->
          "(pg_column_size(%1$s) > %2$d or octet_length(%1$s::text) > %3$d)"
              .formatted(column, bytes + VALUE_HEADER_BYTES, bytes);
      case TEXT, BYTEA -> "octet_length(%s) > %d".formatted(column, bytes);
    };
  }

  /**
   * Returns an SQL expression for an array of texts: the value as operators read it, cut after
   * {@code most} characters or bytes, the bytes of this part, and the bytes of the whole value. A
   * {@code jsonb} with more than four times {@code most} bytes in memory is not printed, because
   * that takes many seconds; its bytes are those in memory.
   */
  String shown(String column, int most) {
    return switch (this) {
      case BYTEA ->
          """
          array[substring(%1$s from 1 for %2$d)::text, least(octet_length(%1$s), %2$d)::text,
                octet_length(%1$s)::text]"""
              .formatted(column, most);
      case TEXT, JSON -> printed(column, most);
      case JSONB ->
          "case when %s then array[null, '0', pg_column_size(%s #> '{}')::text] else %s end"
              .formatted(isHuge(column, 2L * most), column, printed(column, most));
    };
  }

  /** The value is printed once, because the text of a large {@code jsonb} takes seconds. */
  private static String printed(String column, int most) {
    return """
        (select array[begun, octet_length(begun)::text, octet_length(text)::text]
         from (select text, left(text, %2$d) as begun
               from (select %1$s::text as text offset 0) value offset 0) cut)"""
        .formatted(column, most);
  }

  /** Returns true for the placeholder of a value that is too large. */
  boolean isWithheld(@Nullable Buffer bytes) {
    return this == JSONB && bytes != null && bytes.getByte(0) == 0;
  }

  /**
   * Returns true for the placeholder of a value that has more than {@link #UNPACKED} times as many
   * bytes in memory as its text may have; the size of its text is not known.
   */
  boolean isUnprinted(@Nullable Buffer bytes) {
    return isWithheld(bytes) && bytes != null && bytes.length() == UNPRINTED_BYTES;
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
   *     or later); older servers decompress each value
   */
  String sizeOf(String column, boolean tellsCompression) {
    return switch (this) {
      case JSONB ->
          tellsCompression
              ? "pg_column_size(%1$s) * case when pg_column_compression(%1$s) is null then 1 else %2$d end"
                  .formatted(column, SWELLS)
              : "pg_column_size(%s #> '{}')".formatted(column);
      case JSON -> "octet_length(" + column + "::text)";
      case TEXT, BYTEA -> "octet_length(" + column + ")";
    };
  }
}
