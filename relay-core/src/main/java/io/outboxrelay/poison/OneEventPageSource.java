package io.outboxrelay.poison;

import io.outboxrelay.page.EventPage;
import io.outboxrelay.page.PageSource;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;

/**
 * Yields the pages of another source. While {@link PoisonEventDetector#isOneByOne} is true, this
 * source splits each page into pages of one event. The detector notes each event in the database
 * before its page is yielded.
 *
 * @param <P> the source's type of position
 */
public final class OneEventPageSource<P> implements PageSource<P> {
  /**
   * How long the source must yield no event until publishing one by one ends. All events that the
   * crashed relay had read have been read again by then.
   */
  private static final Duration ALL_READ_AFTER = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final PageSource<P> source;
  private final PoisonEventDetector poisonEventDetector;
  private final ArrayDeque<OutboxEvent> events = new ArrayDeque<>();
  private P position;
  private EventPage<P> page;

  /**
   * @param start the position from which {@code source} continues
   */
  public OneEventPageSource(
      Vertx vertx, PageSource<P> source, PoisonEventDetector poisonEventDetector, P start) {
    this.vertx = vertx;
    this.source = source;
    this.poisonEventDetector = poisonEventDetector;
    this.position = start;
    this.page = new EventPage<>(List.of(), Map.of(), 0, start);
  }

  @Override
  public Future<EventPage<P>> next() {
    if (!events.isEmpty()) {
      return poisonEventDetector.isOneByOne() ? nextOfPage() : Future.succeededFuture(rest());
    }
    if (!poisonEventDetector.isOneByOne()) {
      return source.next();
    }
    long timer =
        vertx.setTimer(ALL_READ_AFTER.toMillis(), silent -> poisonEventDetector.endOneByOne());
    return source
        .next()
        .onComplete(read -> vertx.cancelTimer(timer))
        .compose(read -> read.isEmpty() ? Future.succeededFuture(read) : cut(read));
  }

  private Future<EventPage<P>> cut(EventPage<P> read) {
    page = read;
    events.addAll(read.events());
    return next();
  }

  private Future<EventPage<P>> nextOfPage() {
    long seq = events.element().seq();
    if (poisonEventDetector.isBeyond(seq)) {
      return poisonEventDetector.endOneByOne().compose(ended -> next());
    }
    String objection = poisonEventDetector.objection(seq);
    return objection.isEmpty()
        ? poisonEventDetector.note(seq).map(noted -> one(Map.of()))
        : Future.succeededFuture(one(Map.of(seq, objection)));
  }

  /**
   * Returns a page that holds the next event. If it is the last event of its original page, the new
   * page has the position of that page; otherwise it has the position before that page.
   */
  private EventPage<P> one(Map<Long, String> objection) {
    var event = events.remove();
    if (events.isEmpty()) {
      position = page.position();
    }
    var payload = event.payload();
    var defects = objection.isEmpty() ? page.defects() : objection;
    return new EventPage<>(
        List.of(event), defects, payload == null ? 0 : payload.length(), position);
  }

  private EventPage<P> rest() {
    var left = new EventPage<>(List.copyOf(events), page.defects(), page.bytes(), page.position());
    events.clear();
    return left;
  }

  @Override
  public boolean isOneAtATime() {
    return poisonEventDetector.isOneByOne();
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
