package io.outboxrelay.pipeline;

import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.page.PageSource;
import io.vertx.core.Future;

/**
 * Adds a step to another source: before a page is yielded, the events on it that are dead letters
 * already are looked up.
 *
 * @param <P> the source's type of position
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
