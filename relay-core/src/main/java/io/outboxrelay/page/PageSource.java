package io.outboxrelay.page;

import io.vertx.core.Future;

/**
 * Yields the committed events of the outbox page by page, and stores durably how far they are
 * confirmed.
 *
 * <p>All methods are called from one event loop. After a failure the source is unusable: the caller
 * discards it and begins with a new one, from the position stored last.
 *
 * @param <P> the source's type of position
 */
public interface PageSource<P> {
  /**
   * Reads the next page, however long that takes. The page is empty if only the position advanced.
   * The caller calls again only after this call has completed, but possibly before the page is
   * confirmed.
   */
  Future<EventPage<P>> next();

  /**
   * Returns true if the next page must not be read before all earlier ones are confirmed. May
   * change between calls.
   */
  default boolean isOneAtATime() {
    return false;
  }

  /**
   * Stores that everything up to and including {@code position} is confirmed. A crash of the server
   * shortly afterwards may lose it; then the events since the earlier position are published again.
   */
  Future<Void> confirm(P position);

  /**
   * Stores that everything up to and including {@code position} is confirmed; completes when that
   * survives any crash.
   */
  Future<Void> confirmDurably(P position);
}
