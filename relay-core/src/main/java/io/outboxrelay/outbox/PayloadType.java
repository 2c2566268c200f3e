package io.outboxrelay.outbox;

import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The types that the payload column may have. The type decides how the bytes of a payload are
 * fetched, and which content type a message gets.
 */
public enum PayloadType {
  JSONB("application/json"),
  JSON("application/json"),
  TEXT("text/plain; charset=utf-8"),
  BYTEA("application/octet-stream");

  private static final byte JSONB_VERSION = 1;

  /**
   * The estimated size of a decompressed value divided by its stored size. The worst case is ninety
   * (pglz).
   */
  private static final int SWELLS = 20;

  /**
   * The most that the size of a value can be multiplied by decompression, with a margin (lz4: 255).
   */
  private static final int SWELLS_AT_MOST = 300;

  /**
   * The most bytes that a {@code jsonb} value may take in memory, as a multiple of the bytes that
   * its text may have. A larger value is not printed. An array of small numbers can exceed this: in
   * memory it takes four times the bytes of its text.
   */
  static final int UNPACKED = 2;

  /**
   * The number of bytes up to which a value is never compressed, because its row fits into a block.
   */
  private static final int NEVER_COMPRESSED = 2_000;

  /**
   * The most that the size of a {@code jsonb} without long numbers can be multiplied by printing: a
   * control character is printed as six characters.
   */
  private static final int GROWS = 6;

  /** The most bytes that {@code pg_column_size} counts besides those of the value. */
  private static final int VALUE_HEADER_BYTES = 4;

  /**
   * The placeholder for a {@code jsonb} with a text that is too large. A real value never begins
   * with 0, because its first byte is the version of its format.
   */
  private static final String WITHHELD = "'\\x00'::bytea";

  /**
   * The placeholder for a {@code jsonb} that takes too many bytes in memory, so that no text is
   * produced.
   */
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
   * Returns an SQL expression for the bytes of a column. The server produces the bytes, and the
   * relay passes them to the broker without parsing them. The caller reads the result with {@link
   * #payload}.
   *
   * <p>For a {@code jsonb} with more than {@code bytes} bytes the result is a placeholder, see
   * {@link #isWithheld} and {@link #isUnprinted}. The size of a {@code jsonb} is known only from
   * its text. The expression produces the text only once, because that can take a minute for a
   * value of 3 MB on disk.
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
   * Returns an SQL condition that is true for a {@code jsonb} that takes too many bytes in memory.
   * The condition does not produce the text, because the text of a huge value takes longer than
   * {@code relay.answer-timeout}, or cannot be produced at all. The operator {@code #>} with an
   * empty path only decompresses the value.
   */
  private static String isHuge(String column, long bytes) {
    return "pg_column_size(%1$s) > %2$d and (pg_column_size(%1$s) > %3$d or pg_column_size(%1$s #> '{}') > %3$d)"
        .formatted(column, UNPACKED * bytes / SWELLS_AT_MOST, UNPACKED * bytes);
  }

  /**
   * Returns an SQL condition that is true if the text of a {@code jsonb} can have more than {@code
   * bytes} bytes. The condition is true for every compressed value, because a hundred compressed
   * bytes can contain a thousand numbers of 130,000 digits. The condition does not consider such
   * numbers in a value that is not compressed.
   *
   * @param tellsCompression true if the server can tell that a value is compressed; otherwise the
   *     condition is true for every value
   */
  private static String mayExceed(String column, long bytes, boolean tellsCompression) {
    return tellsCompression
        ? "pg_column_compression(%1$s) is not null or pg_column_size(%1$s) > %2$d"
            .formatted(column, Math.min(NEVER_COMPRESSED, bytes / GROWS))
        : "true";
  }

  /**
   * Returns an SQL condition that is true if a value has more than {@code bytes} bytes. For a
   * {@code jsonb} it is always false, because {@link #bytesOf} tests the size. For a {@code json},
   * the condition first tests the stored size, which is never larger than the text with its header.
   * Most values that are too large therefore need not be converted to text.
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
   * Returns an SQL expression for an array of three texts: the value as operators read it, cut
   * after {@code most} characters (of a {@code bytea}, bytes); the number of bytes of this part;
   * and the number of bytes of the whole value. A {@code jsonb} with more than four times {@code
   * most} bytes in memory is not printed, because that takes many seconds. Its first text is then
   * null, and its last text is the number of bytes in memory.
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

  /**
   * Returns the expression of {@link #shown} for a value that is printed. The expression prints the
   * value only once, because printing a large {@code jsonb} takes seconds.
   */
  private static String printed(String column, int most) {
    return """
        (select array[begun, octet_length(begun)::text, octet_length(text)::text]
         from (select text, left(text, %2$d) as begun
               from (select %1$s::text as text offset 0) value offset 0) cut)"""
        .formatted(column, most);
  }

  /** Returns true if {@code bytes} is the placeholder of a value with a text that is too large. */
  boolean isWithheld(@Nullable Buffer bytes) {
    return this == JSONB && bytes != null && bytes.getByte(0) == 0;
  }

  /**
   * Returns true if {@code bytes} is the placeholder of a value that takes, in memory, more than
   * {@link #UNPACKED} times the bytes that its text may have. The size of its text is not known.
   */
  boolean isUnprinted(@Nullable Buffer bytes) {
    return isWithheld(bytes) && bytes != null && bytes.length() == UNPRINTED_BYTES;
  }

  /**
   * Returns the payload that the result of {@link #bytesOf} contains. Of a {@code jsonb}, this
   * removes the first byte, which is the version of its format.
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
   * Returns an SQL expression for the estimated size, in bytes, of the result of {@link #bytesOf}.
   * It is as cheap as the server allows. For a {@code jsonb} it is the stored size, multiplied if
   * the value is compressed. For the other types it is the length, which the server knows without
   * decompressing the value.
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
