package io.outboxrelay.window;

import io.outboxrelay.metrics.Meters;
import io.outboxrelay.metrics.ShardMeters;
import io.outboxrelay.page.Page;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the outbox in windows: a window is everything visible in a new snapshot and not visible in
 * the one settled last; inside it, sequence numbers are in the right order.
 *
 * <p>Holds no transaction open. Everything kept in memory is forgotten with the reader: after a
 * lost connection a new one begins at the stored checkpoint.
 */
final class WindowReader {
  private static final long UNKNOWN = -1;

  private final WindowQuery windows;
  private final PageQuery pages;
  private final Pace pace;
  private final ShardMeters meters;
  private final Runnable onCall;
  private final Fences fences;
  private Snapshot settled;
  private long fence;
  private long top;
  private @Nullable OpenWindow window;

  /**
   * @param pace told how long the database takes to open a window
   * @param onCall told when all owners are called to let go of their shards
   */
  WindowReader(
      WindowQuery windows,
      PageQuery pages,
      Checkpoint from,
      Pace pace,
      ShardMeters meters,
      Runnable onCall) {
    this.windows = windows;
    this.pages = pages;
    this.pace = pace;
    this.meters = meters;
    this.onCall = onCall;
    this.fences = new Fences(from.floor());
    this.settled = Snapshot.parse(from.settled());
    this.fence = from.fence();
    this.top = from.top();
    var open = from.open();
    if (open != null) {
      this.window =
          new OpenWindow(Snapshot.parse(open.snapshot()), from.fence(), UNKNOWN, open.position());
    }
  }

  /** A reader for no shard's sake: it counts nothing, and hears no calls. */
  static WindowReader unattended(WindowQuery windows, PageQuery pages, Checkpoint from) {
    return new WindowReader(
        windows,
        pages,
        from,
        new Pace(Duration.ZERO, Duration.ZERO),
        Meters.alone().shard(0),
        () -> {});
  }

  /** Whether the window read last has not been read to its end. */
  boolean isInWindow() {
    return window != null;
  }

  /** A transaction id taken after the snapshot of the last window. */
  long fence() {
    return fence;
  }

  /** All transactions with an id below this had ended when the last window was opened. */
  long settledXmin() {
    return settled.xmin();
  }

  /** Reads on; an empty page means that this part of the window, or all of it, held nothing. */
  Future<Page<Checkpoint>> next() {
    var open = window;
    if (open == null) {
      long asked = System.nanoTime();
      return windows
          .open()
          .onSuccess(answer -> pace.answeredAfter(System.nanoTime() - asked))
          .map(this::begin)
          .compose(this::pageOfNew);
    }
    return open.last() == UNKNOWN ? windows.last().compose(last -> resume(open, last)) : page(open);
  }

  private OpenWindow begin(WindowQuery.Opening opening) {
    if (opening.called()) {
      onCall.run();
    }
    var snapshot = opening.snapshot();
    long start = start(snapshot);
    meters.windowOpened(start < top);
    return new OpenWindow(snapshot, opening.fence(), opening.last(), start);
  }

  private Future<Page<Checkpoint>> resume(OpenWindow open, long last) {
    return page(new OpenWindow(open.snapshot(), open.fence(), last, open.position()));
  }

  private Future<Page<Checkpoint>> pageOfNew(OpenWindow opened) {
    if (nothingEnded(opened.snapshot())) {
      close(opened);
      return Future.succeededFuture(emptyPage());
    }
    window = opened;
    return page(opened);
  }

  private Future<Page<Checkpoint>> page(OpenWindow open) {
    return pages.execute(open, settled).map(rows -> take(rows, open));
  }

  private Page<Checkpoint> take(PageQuery.Rows rows, OpenWindow open) {
    var events = rows.events();
    if (!events.isEmpty()) {
      top = Math.max(top, events.get(events.size() - 1).seq());
    }
    if (rows.isLast()) {
      close(open);
    } else {
      window = open.at(rows.upTo());
    }
    return new Page<>(events, rows.defects(), rows.bytes(), checkpoint());
  }

  private void close(OpenWindow open) {
    window = null;
    boolean isHeld = open.snapshot().isHeldLike(settled);
    settled = open.snapshot();
    fence = open.fence();
    fences.add(fence, top);
    fences.prune(settled.xmin());
    meters.windowClosed(fences.size(), top - fences.floor(), isHeld);
  }

  private Page<Checkpoint> emptyPage() {
    return new Page<>(List.of(), Map.of(), 0, checkpoint());
  }

  private Checkpoint checkpoint() {
    var open = window;
    return open == null
        ? new Checkpoint(settled.toString(), top, fences.floor(), fence, null)
        : new Checkpoint(
            settled.toString(),
            top,
            fences.floor(),
            open.fence(),
            new Checkpoint.OpenWindow(open.snapshot().toString(), open.position()));
  }

  /**
   * Above the start everything is scanned; below it nothing can be new. Only ids not seen by the
   * settled snapshot and at most its fence can commit late; the newest fence below the lowest of
   * those that did is where the scan begins.
   */
  private long start(Snapshot snapshot) {
    long late = firstEnded(snapshot, settled.running());
    if (late == 0) {
      late = firstEnded(snapshot, settled.xmax(), fence);
    }
    return late == 0 ? top : fences.startFor(late);
  }

  /**
   * Whether no transaction but the reader's own last fence ended since the settled snapshot: then
   * there is nothing to scan for.
   */
  private boolean nothingEnded(Snapshot snapshot) {
    return firstEnded(snapshot, settled.running()) == 0
        && firstEnded(snapshot, settled.xmax(), fence) == 0
        && firstEnded(snapshot, Math.max(settled.xmax(), fence + 1), snapshot.xmax()) == 0;
  }

  private static long firstEnded(Snapshot snapshot, long[] ids) {
    for (long id : ids) {
      if (snapshot.sees(id)) {
        return id;
      }
    }
    return 0;
  }

  /** The loop is short: among ids below xmax only the running ones are not seen. */
  private static long firstEnded(Snapshot snapshot, long from, long to) {
    for (long id = from; id < Math.min(to, snapshot.xmax()); id++) {
      if (snapshot.sees(id)) {
        return id;
      }
    }
    return 0;
  }
}
