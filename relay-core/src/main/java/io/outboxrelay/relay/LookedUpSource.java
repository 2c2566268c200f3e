package io.outboxrelay.relay;

import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.page.PageSource;
import io.vertx.core.Future;

/**
 * Yields the pages of another source, once it is known which of their events belong to the dead
 * letters.
 *
 * @param <P> the source's idea of a position
 */
final class LookedUpSource<P> implements PageSource<P> {
  private final PageSource<P> source;
  private final DeadLetterSnapshot buried;

  LookedUpSource(PageSource<P> source, DeadLetterSnapshot buried) {
    this.source = source;
    this.buried = buried;
  }

  @Override
  public Future<EventPage<P>> next() {
    return source.next().compose(page -> buried.lookUp(page.events()).map(page));
  }

  @Override
  public boolean isOneAtATime() {
    return source.isOneAtATime();
  }

  @Override
  public Future<Void> confirm(P position) {
    return source.confirm(position);
  }

  @Override
  public Future<Void> confirmDurably(P position) {
    return source.confirmDurably(position);
  }
}
