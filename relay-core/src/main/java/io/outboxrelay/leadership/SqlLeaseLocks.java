package io.outboxrelay.leadership;

import io.outboxrelay.membership.ConfigMismatchCheck;
import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Acquires and reads the locks in the database. The locks that this relay acquires are released
 * when {@code connection} ends.
 */
record SqlLeaseLocks(PgConnection connection, OutboxNames names, ShardKey share, RelayIdentity self)
    implements LeaseLocks {
  private static final String TRY =
      """
      select case when not (%1$s) then pg_try_advisory_lock(%2$s) else false end,
             (select shards from %3$s where shard = 0),
             case when pg_try_advisory_lock_shared(%4$s)
                  then not pg_advisory_unlock_shared(%4$s) else true end
      """;

  private static final String SHARE = "select pg_advisory_lock_shared(%s)";

  @Override
  public Future<Attempt> tryLease() {
    return connection
        .query(
            TRY.formatted(
                TrustedRole.calls(names),
                names.leaseLock(share.shard()),
                names.checkpoint(),
                names.brokerCallLock()))
        .execute()
        .map(rows -> attempt(rows.iterator().next()));
  }

  private static Attempt attempt(Row row) {
    Integer shards = row.getInteger(1);
    return new Attempt(
        row.getBoolean(0),
        shards == null ? OptionalInt.empty() : OptionalInt.of(shards),
        row.getBoolean(2));
  }

  @Override
  public Future<Void> announceMember() {
    return connection.query(SHARE.formatted(names.memberLock(self.number()))).execute().mapEmpty();
  }

  @Override
  public Future<Void> announceOwner() {
    return connection.query(SHARE.formatted(names.ownerLock(self.number()))).execute().mapEmpty();
  }

  @Override
  public Future<Optional<String>> owner() {
    return connection
        .preparedQuery("select owner from " + names.checkpoint() + " where shard = $1")
        .execute(Tuple.of(share.shard()))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.ofNullable(rows.iterator().next().getString(0)));
  }

  @Override
  public Future<List<String>> configMismatches() {
    return ConfigMismatchCheck.find(connection, names, self.configFingerprint());
  }

  @Override
  public Future<List<ForeignLock>> foreignHolders() {
    return ForeignLock.find(connection, names)
        .map(locks -> locks.stream().filter(this::isOfThisShard).toList());
  }

  private boolean isOfThisShard(ForeignLock lock) {
    return lock.shard().filter(shard -> shard == share.shard()).isPresent();
  }
}
