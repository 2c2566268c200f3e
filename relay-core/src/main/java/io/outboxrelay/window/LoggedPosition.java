package io.outboxrelay.window;

import io.outboxrelay.account.PageAccount;
import org.jspecify.annotations.Nullable;

/**
 * A position that was reached by reading the log.
 *
 * @param delivered the transactions that were delivered
 * @param fence see {@link Checkpoint}
 * @param floor see {@link Checkpoint}
 * @param partial see {@link Checkpoint}
 * @param withdrawn the account of events that their own transaction has deleted, negated
 * @param log the position in the log that is reached; the server must keep the log from here on
 */
public record LoggedPosition(
    DeliveredSet.Delivered delivered,
    Fence fence,
    long floor,
    @Nullable PartialTransaction partial,
    PageAccount withdrawn,
    long log)
    implements ReadPosition {
  @Override
  public Checkpoint checkpoint() {
    return new Checkpoint(
        delivered.snapshot().toString(), fence.top(), floor, fence.xid(), null, partial);
  }
}
