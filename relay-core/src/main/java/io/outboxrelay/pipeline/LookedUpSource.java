package io.outboxrelay.pipeline;

import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.page.PageSource;
import io.vertx.core.Future;

/**
 * Adds a step to another source: before a page is yielded, this source looks up which events of the
 * page are dead letters already, so that the dispatcher does not publish these events.
 *
 * @param <P> the source's type of position
 */
final class LookedUpSource<P> implements PageSource<P> {
  private final PageSource<P> source;
  private final DeadLetterSnapshot snapshot;

  LookedUpSource(PageSource<P> source, DeadLetterSnapshot snapshot) {
    this.source = source;
    this.snapshot = snapshot;
  }

  @Override
  public Future<EventPage<P>> next() {
    return source.next().compose(page -> snapshot.lookUp(page.events()).map(page));
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
