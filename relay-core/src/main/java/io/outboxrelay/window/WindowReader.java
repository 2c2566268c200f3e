package io.outboxrelay.window;

import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the outbox in windows. A window holds every event that is visible in a new snapshot and was
 * not visible in the settled snapshot, which is the union of the earlier ones. Within a window,
 * events are read in the order of their sequence numbers.
 *
 * <p>The reader holds no transaction open. Its state is only in memory: after a lost connection, a
 * new reader begins at the stored checkpoint.
 */
final class WindowReader {
  private static final long UNKNOWN = -1;

  /**
   * A look begins this far below the highest number seen. Sequence numbers often become visible
   * slightly out of order, and a look that begins below them needs no second query.
   */
  private static final int LOOK_BACK = 256;

  /**
   * Two ranges of unseen numbers are scanned as one if the numbers between them are fewer than the
   * bound of a page divided by this value. To scan so many numbers takes about as long as one
   * query.
   */
  private static final int WALKED_PER_QUERY = 200;

  private static final int MOST_UNSEEN_RANGES = 8_192;

  private final WindowQuery pages;
  private final LongConsumer onAnswer;
  private final ShardMetrics metrics;
  private final Runnable onCall;
  private final Fences fences;
  private final UnseenNumbers unseen;
  private Snapshot settled;
  private long fence;
  private long top;
  private @Nullable PartialTransaction partial;
  private @Nullable WindowQuery rest;
  private boolean verified;
  private @Nullable PartialTransaction readAgain;
  private @Nullable OpenWindow window;
  private @Nullable Checkpoint pageStart;

  /**
   * @param onAnswer is called with the nanoseconds that the database took to open a window
   * @param onCall is called when a command asks all owners to release their shards
   */
  WindowReader(
      WindowQuery pages,
      Checkpoint from,
      LongConsumer onAnswer,
      ShardMetrics metrics,
      Runnable onCall) {
    this.pages = pages;
    this.onAnswer = onAnswer;
    this.metrics = metrics;
    this.onCall = onCall;
    this.fences = new Fences(from.floor());
    this.unseen =
        new UnseenNumbers(
            from.floor(), from.top(), pages.maxWalk() / WALKED_PER_QUERY, MOST_UNSEEN_RANGES);
    this.settled = Snapshot.parse(from.settled());
    this.fence = from.fence();
    this.top = from.top();
    this.partial = from.partial();
    var open = from.open();
    if (open != null) {
      this.window =
          new OpenWindow(Snapshot.parse(open.snapshot()), from.fence(), UNKNOWN, open.position());
    }
  }

  /**
   * Creates a reader for warm-up and tests. The reader records no metrics and ignores the
   * re-sharding signal.
   */
  static WindowReader unattended(WindowQuery pages, Checkpoint from) {
    return new WindowReader(pages, from, nanos -> {}, RelayMetrics.alone().shard(0), () -> {});
  }

  /**
   * Returns the set of delivered transactions, to which the reader of the log adds. Must be called
   * between two windows. The set uses the fences of this reader, until {@link #continueFrom} is
   * called.
   */
  DeliveredSet handOver() {
    if (window != null) {
      throw new IllegalStateException("a window is open");
    }
    return new DeliveredSet(settled, fences, new Fence(fence, top), partial);
  }

  /**
   * Records the numbers of events that were read from the log, so that a scan of the table can skip
   * these numbers.
   */
  void saw(List<OutboxEvent> events) {
    if (pages.readsAll()) {
      unseen.saw(events);
      unseen.prune(fences.floor());
    }
  }

  /**
   * Reads the table again after the log. The transactions in {@code delivered} are not read again.
   */
  void continueFrom(DeliveredSet delivered) {
    settled = delivered.settled();
    fence = delivered.fence().xid();
    top = delivered.fence().top();
    partial = delivered.partial();
    verified = false;
    rest = null;
  }

  /** Returns true if the window that was read last has not been read to its end. */
  boolean isInWindow() {
    return window != null;
  }

  /**
   * Returns the position at which the page that was read last begins. The window of the page counts
   * as open in that position. Must be called after a page with an event was read.
   */
  Checkpoint pageStart() {
    return Objects.requireNonNull(pageStart, "no page was read");
  }

  /**
   * Returns the server's next transaction id, read after the snapshot of the last window. No
   * transaction with this id or a higher one belongs to that window.
   */
  long fence() {
    return fence;
  }

  /** Returns an id; all transactions below it had ended when the last window was opened. */
  long settledXmin() {
    return settled.xmin();
  }

  /**
   * Reads the next page. The page is empty if the scanned part of the window, or the whole window,
   * holds no event.
   */
  Future<EventPage<Checkpoint>> next() {
    var open = window;
    if (open == null) {
      var from = fences.lowestFrom(top - LOOK_BACK, new Fence(fence, top));
      return query().look(from.top(), settled).compose(look -> looked(look, from));
    }
    return open.last() == UNKNOWN ? pages.last().compose(last -> resume(open, last)) : page(open);
  }

  /**
   * Completes with the first page of a new window. If a transaction below the fence {@code from}
   * has ended since the previous window, its events can lie below the start of the look, and must
   * be read first. Otherwise, the page that came with the look is the first one.
   */
  private Future<EventPage<Checkpoint>> looked(WindowQuery.Look look, Fence from) {
    var begun = partial;
    if (begun != null && !verified && look.snapshot().sees(begun.xid())) {
      return verify(begun);
    }
    onAnswer.accept(look.nanos());
    if (look.called()) {
      onCall.run();
    }
    if (look.last() < top) {
      return Future.failedFuture(RestoredDatabaseCheck.setBack(pages.sequence(), look.last(), top));
    }
    long late = firstLate(look.snapshot(), from.xid());
    long start = late == 0 ? from.top() : fences.startFor(late);
    metrics.windowOpened(late != 0);
    var opened = new OpenWindow(look.snapshot(), look.fence(), look.last(), start);
    if (nothingEnded(look.snapshot())) {
      close(opened);
      return Future.succeededFuture(emptyPage());
    }
    window = opened;
    var rows = look.rows();
    return late == 0 && rows != null ? Future.succeededFuture(take(rows, opened)) : page(opened);
  }

  /**
   * Verifies that the delivered part of a transaction can be left out, and then reads the next
   * page. The query leaves out all rows of the transaction up to a sequence number. If the table
   * holds more of these rows than were delivered, the delivered rows were not those with the lowest
   * numbers. One cause is a trigger that inserts a further event before each row. In this case all
   * rows of the transaction are delivered again, so that none is lost.
   */
  private Future<EventPage<Checkpoint>> verify(PartialTransaction begun) {
    return pages
        .countOf(begun, fences.floor())
        .compose(
            count -> {
              verified = true;
              if (count != begun.rows()) {
                partial = null;
                rest = null;
                readAgain = begun;
                unseen.forget(fences.floor(), begun.last());
              }
              return next();
            });
  }

  /**
   * Returns the delivered part of a transaction of which all rows are delivered again, beginning
   * with the page that was read last; null if there is none. A second call returns null.
   */
  @Nullable PartialTransaction takeReadAgain() {
    var part = readAgain;
    readAgain = null;
    return part;
  }

  private WindowQuery query() {
    var begun = partial;
    if (begun == null) {
      return pages;
    }
    var known = rest;
    if (known == null) {
      known = pages.without(begun);
      rest = known;
    }
    return known;
  }

  private Future<EventPage<Checkpoint>> resume(OpenWindow open, long last) {
    return page(new OpenWindow(open.snapshot(), open.fence(), last, open.position()));
  }

  /**
   * Reads the next page of the open window. If there is only one shard, scans only numbers that
   * were not seen before. If a long transaction ends, new events therefore do not wait until every
   * row since its beginning is scanned again. If there are several shards, an unseen number may
   * belong to another shard, so every number is scanned.
   */
  private Future<EventPage<Checkpoint>> page(OpenWindow open) {
    if (!pages.readsAll()) {
      return query().execute(open, settled, Long.MAX_VALUE).map(rows -> take(rows, open));
    }
    if (open.position() < unseen.top()) {
      var range = unseen.nextAbove(open.position());
      if (range != null) {
        var from = open.at(range.first() - 1);
        return query().execute(from, settled, range.last()).map(rows -> take(rows, from));
      }
    }
    var from = open.at(Math.max(open.position(), unseen.top()));
    return query().execute(from, settled, Long.MAX_VALUE).map(rows -> take(rows, from));
  }

  private EventPage<Checkpoint> take(WindowQuery.Rows rows, OpenWindow open) {
    var events = rows.events();
    pageStart = checkpoint(open);
    if (pages.readsAll()) {
      unseen.saw(events);
    }
    if (!events.isEmpty()) {
      top = Math.max(top, events.get(events.size() - 1).seq());
    }
    if (rows.isLast()) {
      close(open);
    } else {
      window = open.at(rows.upTo());
    }
    return new EventPage<>(events, rows.defects(), rows.bytes(), checkpoint());
  }

  private void close(OpenWindow open) {
    window = null;
    boolean isHeld = open.snapshot().isHeldLike(settled);
    // The new settled snapshot is a union, because the log may have delivered a transaction that no
    // snapshot sees yet. That is the case while the commit waits for a synchronous standby.
    settled = open.snapshot().union(settled);
    if (partial != null && settled.sees(partial.xid())) {
      partial = null;
      rest = null;
    }
    fence = open.fence();
    fences.add(new Fence(fence, top));
    fences.prune(settled.xmin());
    unseen.prune(fences.floor());
    metrics.windowClosed(fences.size(), top - fences.floor(), isHeld);
  }

  private EventPage<Checkpoint> emptyPage() {
    return new EventPage<>(List.of(), Map.of(), 0, checkpoint());
  }

  private Checkpoint checkpoint() {
    return checkpoint(window);
  }

  private Checkpoint checkpoint(@Nullable OpenWindow open) {
    return open == null
        ? new Checkpoint(settled.toString(), top, fences.floor(), fence, null, partial)
        : new Checkpoint(
            settled.toString(),
            top,
            fences.floor(),
            open.fence(),
            new Checkpoint.OpenWindow(open.snapshot().toString(), open.position()),
            partial);
  }

  /**
   * Returns the lowest transaction id below {@code below} that {@code snapshot} sees and the
   * settled snapshot does not; 0 if there is none. The caller passes the id of a fence. Only events
   * of a transaction below that id can lie at or below the fence's sequence number. Numbers above
   * the fence's are scanned in any case.
   */
  private long firstLate(Snapshot snapshot, long below) {
    long late = firstEnded(snapshot, settled.running());
    if (late == 0) {
      late = firstEnded(snapshot, settled.xmax(), below);
    }
    return late < below ? late : 0;
  }

  /**
   * Returns true if no transaction ended since the settled snapshot, so that there is nothing to
   * scan.
   */
  private boolean nothingEnded(Snapshot snapshot) {
    return firstEnded(snapshot, settled.running()) == 0
        && firstEnded(snapshot, settled.xmax(), snapshot.xmax()) == 0;
  }

  private static long firstEnded(Snapshot snapshot, long[] ids) {
    for (long id : ids) {
      if (snapshot.sees(id)) {
        return id;
      }
    }
    return 0;
  }

  /**
   * Returns the lowest id from {@code from} to below {@code to} that the snapshot sees; 0 if there
   * is none. The loop is short, because the ids that it passes belong to running transactions.
   */
  private static long firstEnded(Snapshot snapshot, long from, long to) {
    for (long id = from; id < Math.min(to, snapshot.xmax()); id++) {
      if (snapshot.sees(id)) {
        return id;
      }
    }
    return 0;
  }
}
