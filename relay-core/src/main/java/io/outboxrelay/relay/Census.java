package io.outboxrelay.relay;

import io.outboxrelay.outbox.OutboxNames;
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
 * Which relays are there, and who owns how much, as the locks tell: what a relay that died has held
 * is free at once.
 *
 * @param shards how many there are
 * @param owned the shards that have an owner
 * @param members how many shards each relay owns, by its number
 */
record Census(int shards, Set<Integer> owned, Map<Integer, Integer> members) {
  /** Without the names of things, so that it waits for nobody. */
  private static final String TAKE =
      """
      select (objid::bigint + 2147483648) %% 4294967296 - 2147483648, count(*)::int
      from pg_locks
      where locktype = 'advisory' and objsubid = 2 and granted
        and classid::bigint = %1$d & 4294967295
        and database = (select oid from pg_database where datname = current_database())
      group by 1
      union all
      select null, shards from %2$s where shard = 0
      """;

  static Future<Census> take(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(TAKE.formatted((long) names.lockClass(), names.checkpoint()))
        .execute()
        .map(Census::of);
  }

  /** The shards without an owner, the lowest first. */
  List<Integer> free() {
    return IntStream.range(0, shards).filter(shard -> !owned.contains(shard)).boxed().toList();
  }

  /** Which lock is which, see {@link OutboxNames}. */
  private static Census of(Iterable<Row> rows) {
    int shards = 0;
    Set<Integer> owned = new HashSet<>();
    Map<Integer, Integer> owners = new HashMap<>();
    Set<Integer> present = new HashSet<>();
    for (var row : rows) {
      Long object = row.getLong(0);
      if (object == null) {
        shards = row.getInteger(1);
      } else if (object >= 0) {
        OutboxNames.shardOfLease(object).ifPresent(owned::add);
      } else {
        OutboxNames.relayOfMember(object).ifPresent(present::add);
        OutboxNames.relayOfOwner(object).ifPresent(relay -> owners.put(relay, row.getInteger(1)));
      }
    }
    Map<Integer, Integer> members = new HashMap<>();
    present.forEach(relay -> members.put(relay, owners.getOrDefault(relay, 0)));
    return new Census(shards, owned, members);
  }
}
