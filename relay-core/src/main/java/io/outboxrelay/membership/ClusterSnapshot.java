package io.outboxrelay.membership;

import io.outboxrelay.outbox.AdvisoryLocks;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The running relays and the owners of the shards, read from the advisory locks. A shard is free as
 * soon as the connection of its owner ends, because the lock ends with the connection.
 *
 * @param shards the number of shards
 * @param owners the relay number by shard, for shards that have an owner; {@link #UNKNOWN} if a
 *     session holds the lease but has not yet shown its relay number
 * @param present the numbers of the relays that have announced themselves
 * @param brokerCall true if a relay that cannot reach its broker asks the others if they can
 * @param blocked shards that no relay can acquire, because a session that is no relay holds the
 *     lease
 */
public record ClusterSnapshot(
    int shards,
    Map<Integer, Integer> owners,
    Set<Integer> present,
    boolean brokerCall,
    Set<Integer> blocked) {
  static final int UNKNOWN = -1;

  /**
   * Selects a row for each lock of this outbox: the session, the lock's number, and if a relay's
   * role holds the lock. A last row holds the number of shards.
   */
  private static final String TAKE =
      """
      select l.pid, %4$s, null, %3$s
      from pg_locks l
      where %1$s and l.granted
      union all
      select null, null, shards, null from %2$s where shard = 0
      """;

  /** Creates a snapshot in which every relay reaches the broker, and only relays hold leases. */
  ClusterSnapshot(int shards, Map<Integer, Integer> owners, Set<Integer> present) {
    this(shards, owners, present, false, Set.of());
  }

  public static Future<ClusterSnapshot> take(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(
            TAKE.formatted(
                AdvisoryLocks.areOf(names, "l"),
                names.checkpoint(),
                TrustedRole.holds("l.pid", names),
                AdvisoryLocks.object("l")))
        .execute()
        .map(rows -> of(rows, names));
  }

  /** Returns how many shards each announced relay owns, by relay number. */
  Map<Integer, Integer> members() {
    Map<Integer, Integer> members = new HashMap<>();
    present.forEach(relay -> members.put(relay, 0));
    owners.values().forEach(relay -> members.computeIfPresent(relay, (same, number) -> number + 1));
    return members;
  }

  /** Returns the shards that a relay can acquire, the lowest first. */
  public List<Integer> free() {
    return IntStream.range(0, shards)
        .filter(shard -> !owners.containsKey(shard) && !blocked.contains(shard))
        .boxed()
        .toList();
  }

  /** Returns this snapshot as it would be if {@code relay} had just died. */
  ClusterSnapshot without(int relay) {
    Map<Integer, Integer> left = new HashMap<>(owners);
    left.values().removeIf(owner -> owner == relay);
    Set<Integer> others = new HashSet<>(present);
    others.remove(relay);
    return new ClusterSnapshot(shards, left, others, false, blocked);
  }

  /** Returns this snapshot as it would be if {@code relay} had just joined. */
  ClusterSnapshot joinedBy(int relay) {
    Set<Integer> all = new HashSet<>(present);
    all.add(relay);
    return new ClusterSnapshot(shards, owners, all, false, blocked);
  }

  /** Returns the shards that {@code relay} owns, the lowest first. */
  List<Integer> ownedBy(int relay) {
    return IntStream.range(0, shards)
        .filter(shard -> owners.getOrDefault(shard, UNKNOWN) == relay)
        .boxed()
        .toList();
  }

  /**
   * Returns this snapshot as it would be after the free shards in {@code taken} were acquired.
   *
   * @param taken the relay number by shard
   */
  ClusterSnapshot with(Map<Integer, Integer> taken) {
    Map<Integer, Integer> all = new HashMap<>(owners);
    all.putAll(taken);
    return new ClusterSnapshot(shards, all, present, false, blocked);
  }

  /**
   * Decodes the locks, see {@link OutboxNames}. A session that owns a shard holds two locks: the
   * lease, and a lock with a number that contains the relay number.
   */
  private static ClusterSnapshot of(Iterable<Row> rows, OutboxNames names) {
    int shards = 0;
    Map<Integer, Integer> sessions = new HashMap<>();
    Map<Integer, Integer> relays = new HashMap<>();
    Set<Integer> present = new HashSet<>();
    boolean brokerCall = false;
    Set<Integer> blocked = new HashSet<>();
    for (var row : rows) {
      // Null for the lock of a prepared transaction, which is never trusted.
      Integer session = row.getInteger(0);
      Integer number = row.getInteger(2);
      if (number != null) {
        shards = number;
      } else if (!row.getBoolean(3)) {
        OutboxNames.shardOfLease(row.getLong(1)).ifPresent(blocked::add);
      } else {
        long object = row.getLong(1);
        OutboxNames.shardOfLease(object).ifPresent(shard -> sessions.put(shard, session));
        OutboxNames.relayOfOwner(object).ifPresent(relay -> relays.put(session, relay));
        OutboxNames.relayOfMember(object).ifPresent(present::add);
        brokerCall |= OutboxNames.isBrokerCall(object);
      }
    }
    if (shards == 0) {
      throw OutboxTable.IncompleteException.ofCheckpoint(names, 0);
    }
    Map<Integer, Integer> owners = new HashMap<>();
    sessions.forEach((shard, session) -> owners.put(shard, relays.getOrDefault(session, UNKNOWN)));
    return new ClusterSnapshot(shards, owners, present, brokerCall, blocked);
  }
}
