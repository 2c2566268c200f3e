package io.outboxrelay.history;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.Share;

/** Whether an event may be sent again, in SQL. */
final class Standing {
  /**
   * Why it is left out; null where it is not. What was not delivered yet, or is a dead letter,
   * would overtake what it waits for. The checkpoint lags behind by moments, so it errs to the safe
   * side.
   */
  private static final String LEFT_OUT =
      """
      case
        when exists (
          select from %1$s letter
          where letter.seq = event.seq and letter.progress is distinct from 'settled')
        then 'dead letter'
        when not exists (
          select from %2$s c
          where c.shard = %3$s
            and (pg_visible_in_snapshot(event.xid, c.settled)
              or c.open_window is not null and event.seq <= c.position
                 and pg_visible_in_snapshot(event.xid, c.open_window)))
        then 'waiting'
      end\
      """;

  private Standing() {}

  /** An expression on a row of the outbox named {@code event}. */
  static String of(OutboxNames names) {
    String shards = "(select count(*) from " + names.checkpoint() + ")";
    return LEFT_OUT.formatted(
        names.deadLetter(), names.checkpoint(), Share.shardOf("event.aggregate_id", shards));
  }
}
