package io.outboxrelay.account;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/**
 * Adjusts the account of delivered events after the command {@code rebase} has set the checkpoints
 * to a new position.
 *
 * <p>Events that were delivered before may be unconfirmed now and will be delivered again, so they
 * are subtracted from the account. If the account is empty because it was not restored with the
 * outbox, all confirmed events are added to it. If the account is not empty, but a range of the
 * outbox holds more confirmed events than the account counts, nothing is added for that range. A
 * later comparison then reports the difference.
 */
public final class AccountAdjustment {
  private static final String ADJUST =
      """
      with bounds as (
        select (select coalesce(min(seq), 0) from %4$s) as first,
               (select coalesce(max(seq), 0) from %4$s) as last,
               not exists (select from %3$s) as is_empty
      ), standing as materialized (%1$s), found as materialized (%2$s)
      insert into %3$s as account (range, shard, events, digest)
      select range, 0, standing - delivered, digest
      from found, bounds
      where is_empty or standing < delivered and present > 0
      on conflict (range, shard) do update
        set events = account.events + excluded.events, digest = account.digest + excluded.digest
      """;

  private AccountAdjustment() {}

  /** Adjusts the account in the transaction of the caller, which holds the lease of all shards. */
  public static Future<?> run(SqlConnection connection, OutboxNames names) {
    String every = "(select %s from bounds)";
    return connection
        .query(
            ADJUST.formatted(
                bound(AccountComparison.standing(names), every),
                bound(AccountComparison.found(names), every),
                names.account(),
                names.events()))
        .execute();
  }

  private static String bound(String query, String every) {
    return query.replace("$1", every.formatted("first")).replace("$2", every.formatted("last"));
  }
}
