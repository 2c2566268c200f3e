package io.outboxrelay.membership;

import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;

/**
 * A shard that several relays share out among themselves. {@link Membership} tells this relay when
 * to seek the shard and when to release it to another relay. All methods may be called on any
 * thread, and repeatedly.
 */
public interface SharedShard {
  ShardKey share();

  /** Returns true if {@link #seek} would try to acquire the shard. */
  boolean isIdle();

  /** Returns true if this relay owns the shard and is not releasing it, or tries to acquire it. */
  boolean isSought();

  /** Returns true if this relay owns the shard and publishes it, and is not releasing it. */
  boolean isLed();

  /** Returns true if releasing the shard would take long, because a confirm is overdue. */
  boolean isHeldUp();

  /** Tries once to acquire the shard; no effect unless {@link #isIdle}. */
  void seek();

  /**
   * Keeps a warm standby for the shard, or dismisses it.
   *
   * @param soon true if this relay is likely to get the shard soon
   */
  void expect(boolean soon);

  /** Prepares a warm standby at once; completes when the preparation has succeeded or failed. */
  Future<Void> prepare();

  /** Releases the shard in good order. */
  void giveUp();
}
