package io.outboxrelay.relay;

import io.outboxrelay.deadletter.Buried;
import io.outboxrelay.page.Page;
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
  private final Buried buried;

  LookedUpSource(PageSource<P> source, Buried buried) {
    this.source = source;
    this.buried = buried;
  }

  @Override
  public Future<Page<P>> next() {
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
