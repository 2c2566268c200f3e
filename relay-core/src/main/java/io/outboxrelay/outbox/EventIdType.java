package io.outboxrelay.outbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The types that a column with the ids of the events may have. An event's id is a UUID. If the
 * column has another type, the UUID is computed from the value. SQL and Java compute the same UUID.
 */
public enum EventIdType {
  UUID {
    @Override
    String sql(String column) {
      return column;
    }

    @Override
    public UUID uuid(String id) {
      return java.util.UUID.fromString(id);
    }
  },
  /** The decimal digits become the last digits of the UUID; a minus sign becomes an f. */
  NUMBER {
    @Override
    String sql(String column) {
      return "lpad(translate(%s::text, '-', 'f'), 32, '0')::uuid".formatted(column);
    }

    @Override
    public UUID uuid(String id) {
      String digits = "0".repeat(DIGITS - id.length()) + id.replace('-', 'f');
      return new UUID(
          Long.parseUnsignedLong(digits, 0, DIGITS / 2, HEX),
          Long.parseUnsignedLong(digits, DIGITS / 2, DIGITS, HEX));
    }
  },
  /** A text that is a UUID becomes that UUID; any other text becomes its MD5 hash. */
  TEXT {
    @Override
    String sql(String column) {
      return "case when %1$s ~ '%2$s' then %1$s::text::uuid else md5(convert_to(%1$s, 'UTF8'))::uuid end"
          .formatted(column, UUID_FORM);
    }

    @Override
    public UUID uuid(String id) {
      return IS_UUID.matcher(id).matches() ? java.util.UUID.fromString(id) : hash(id);
    }
  };

  private static final String UUID_FORM = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

  private static final Pattern IS_UUID = Pattern.compile(UUID_FORM);

  private static final int HEX = 16;
  private static final int DIGITS = 32;

  /** Returns the names of the SQL types that the column may have. */
  Set<String> types() {
    return switch (this) {
      case UUID -> Set.of("uuid");
      case NUMBER -> Set.of("bigint", "integer", "smallint");
      case TEXT -> Set.of("text", "character varying");
    };
  }

  /**
   * Returns an SQL expression for the UUID.
   *
   * @param column the column in SQL
   */
  abstract String sql(String column);

  /** Returns the UUID of an id in PostgreSQL's text form. */
  public abstract UUID uuid(String id);

  private static UUID hash(String id) {
    try {
      // MD5 serves no security here. It is used because the SQL expression uses MD5.
      byte[] digest = MessageDigest.getInstance("MD5").digest(id.getBytes(StandardCharsets.UTF_8));
      var bytes = ByteBuffer.wrap(digest);
      return new UUID(bytes.getLong(), bytes.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no MD5", e);
    }
  }
}
