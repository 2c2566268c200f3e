package io.outboxrelay.window;

import org.jspecify.annotations.Nullable;

/**
 * A position that was reached by reading the log.
 *
 * @param base transactions delivered
 * @param added further ones
 * @param partial see {@link Checkpoint}
 * @param log the position in the log that is reached: what the server must keep begins here
 */
public record LoggedPosition(
    Snapshot base,
    DeliveredSet.Added added,
    long top,
    long floor,
    long fence,
    @Nullable PartialTransaction partial,
    long log)
    implements ReadPosition {
  @Override
  public Checkpoint checkpoint() {
    return new Checkpoint(base.plus(added.stream()).toString(), top, floor, fence, null, partial);
  }
}
