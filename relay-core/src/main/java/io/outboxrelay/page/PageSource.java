package io.outboxrelay.page;

import io.vertx.core.Future;

/**
 * Yields the outbox's committed events, page by page, and notes durably how far they are confirmed.
 *
 * <p>The seam between reading and publishing: whatever yields ordered pages with a position to
 * confirm can stand here. Called from one event loop. A failure ends the source: its user lets go
 * of it and begins again with a new one, from what was noted durably.
 *
 * @param <P> the source's idea of a position
 */
public interface PageSource<P> {
  /**
   * Reads the next page, for as long as that takes; an empty one where only the position is news.
   * Called again after the one before has completed, not necessarily after it was confirmed.
   */
  Future<EventPage<P>> next();

  /** Whether for now the next page is to be read when all before it are confirmed. */
  default boolean isOneAtATime() {
    return false;
  }

  /**
   * Notes that everything up to and including {@code position} is confirmed. May be lost with a
   * crash of the server within moments: then the events since are published again.
   */
  Future<Void> confirm(P position);

  /** The same, and completes when the note outlives any crash. */
  Future<Void> confirmDurably(P position);
}
