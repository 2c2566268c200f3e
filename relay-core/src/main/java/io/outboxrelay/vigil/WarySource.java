package io.outboxrelay.vigil;

import io.outboxrelay.page.Page;
import io.outboxrelay.page.PageSource;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;

/**
 * Yields the pages of another source; while there is reason to be wary, cut into single events,
 * each noted before.
 *
 * @param <P> the source's idea of a position
 */
public final class WarySource<P> implements PageSource<P> {
  /** What comes later than that was not read by the relay that died. */
  private static final Duration ALL_READ_AFTER = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final PageSource<P> source;
  private final Vigil vigil;
  private final ArrayDeque<OutboxEvent> events = new ArrayDeque<>();
  private P position;
  private Page<P> page;

  /**
   * @param start the position from which {@code source} goes on
   */
  public WarySource(Vertx vertx, PageSource<P> source, Vigil vigil, P start) {
    this.vertx = vertx;
    this.source = source;
    this.vigil = vigil;
    this.position = start;
    this.page = new Page<>(List.of(), Map.of(), 0, start);
  }

  @Override
  public Future<Page<P>> next() {
    if (!events.isEmpty()) {
      return vigil.isWary() ? nextOfPage() : Future.succeededFuture(rest());
    }
    if (!vigil.isWary()) {
      return source.next();
    }
    long timer = vertx.setTimer(ALL_READ_AFTER.toMillis(), silent -> vigil.calmDown());
    return source
        .next()
        .onComplete(read -> vertx.cancelTimer(timer))
        .compose(read -> read.isEmpty() ? Future.succeededFuture(read) : cut(read));
  }

  private Future<Page<P>> cut(Page<P> read) {
    page = read;
    events.addAll(read.events());
    return next();
  }

  private Future<Page<P>> nextOfPage() {
    long seq = events.element().seq();
    if (vigil.isBeyond(seq)) {
      return vigil.calmDown().compose(calm -> next());
    }
    String objection = vigil.objection(seq);
    return objection.isEmpty()
        ? vigil.note(seq).map(noted -> one(Map.of()))
        : Future.succeededFuture(one(Map.of(seq, objection)));
  }

  /** The position of the whole page counts from its last event on. */
  private Page<P> one(Map<Long, String> objection) {
    var event = events.remove();
    if (events.isEmpty()) {
      position = page.position();
    }
    var payload = event.payload();
    var defects = objection.isEmpty() ? page.defects() : objection;
    return new Page<>(List.of(event), defects, payload == null ? 0 : payload.length(), position);
  }

  private Page<P> rest() {
    var left = new Page<>(List.copyOf(events), page.defects(), page.bytes(), page.position());
    events.clear();
    return left;
  }

  @Override
  public boolean isOneAtATime() {
    return vigil.isWary();
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
