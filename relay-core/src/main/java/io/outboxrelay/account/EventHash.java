package io.outboxrelay.account;

import io.outboxrelay.outbox.Lookup3;
import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.outbox.OutboxNames;
import java.util.UUID;

/**
 * A hash of an event's sequence number and id, which PostgreSQL computes identically.
 *
 * <p>It is PostgreSQL's {@code uuid_hash_extended} with the sequence number for its seed. Only 40
 * bits are used, so that the sum over a range fits into a {@code bigint}, even if each event was
 * delivered hundreds of times.
 */
final class EventHash {
  private static final long MASK = (1L << 40) - 1;

  private static final int UUID_BYTES = 16;

  private static final String SQL =
      "(uuid_hash_extended(coalesce(%s, '00000000-0000-0000-0000-000000000000'), %s) & "
          + MASK
          + ")";

  /**
   * An SQL expression that is true if the server computes the same hash as this class. A server
   * with another byte order computes a different one. Then only the numbers of events are compared,
   * and not their hashes.
   */
  static final String AGREES =
      "uuid_hash_extended('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 4711) & %d = %d"
          .formatted(MASK, of(4711, UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8")));

  private EventHash() {}

  /**
   * Returns the SQL expression of the hash.
   *
   * @param row the alias of an event's row with a dot, or empty
   */
  static String sql(String row) {
    return SQL.formatted(row + "id", row + "seq");
  }

  /**
   * Returns the SQL expression of the hash for a row of the table itself.
   *
   * @param row the alias of the row with a dot
   */
  static String stored(OutboxNames names, String row) {
    var columns = names.columns();
    return SQL.formatted(
        columns.expression(OutboxColumn.ID, row), columns.expression(OutboxColumn.SEQ, row));
  }

  /** Returns the hash. */
  static long of(long seq, UUID id) {
    long high = id.getMostSignificantBits();
    long low = id.getLeastSignificantBits();
    var hash = new Lookup3(UUID_BYTES);
    if (seq != 0) {
      hash.mix((int) (seq >>> 32), (int) seq, 0);
    }
    hash.mix(
        Integer.reverseBytes((int) (high >>> 32)),
        Integer.reverseBytes((int) high),
        Integer.reverseBytes((int) (low >>> 32)));
    return hash.end(Integer.reverseBytes((int) low), 0, 0) & MASK;
  }
}
