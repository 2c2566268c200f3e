package io.outboxrelay.status;

import io.outboxrelay.outbox.ForeignLock;
import java.util.List;

/**
 * Sessions of the database that keep relays from reading events or from leading shards.
 *
 * @param lockWaits the connections of this outbox's relays that wait for locks of other sessions
 * @param transactions the transactions that have been open for long
 * @param foreignLocks the advisory locks of this outbox that are held by sessions that are not
 *     relays
 */
public record OtherSessions(
    List<LockWait> lockWaits, List<OpenTransaction> transactions, List<ForeignLock> foreignLocks) {
  /** No session is known that keeps relays from reading or leading. */
  public static final OtherSessions NONE = new OtherSessions(List.of(), List.of(), List.of());

  /** Returns these sessions with {@code found} as the foreign locks. */
  OtherSessions with(List<ForeignLock> found) {
    return new OtherSessions(lockWaits, transactions, found);
  }
}
