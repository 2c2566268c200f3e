package io.outboxrelay.relay;

import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.page.PageSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Moves pages from a source to the partitions, and the checkpoint after them.
 *
 * <p>Reads ahead while the events and bytes not yet confirmed are within bounds: that is the whole
 * back-pressure. Pages are confirmed in the order in which they were read, whatever the order in
 * which the broker confirmed their events.
 *
 * <p>Lives on one event loop, for one term.
 */
final class PagePump<P> {
  /** A database that does not answer must not hold up a stop. */
  private static final Duration NOTED_WITHIN = Duration.ofSeconds(5);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  /** A broker that is merely busy has confirmed a page by then. */
  private static final Duration HELD_UP_AFTER = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Context context;
  private final PageSource<P> source;
  private final Partitions partitions;
  private final RelayConfig config;
  private final ShardMetrics metrics;
  private final BooleanSupplier isInVain;
  private final Consumer<Throwable> onFailure;
  private final ArrayDeque<Pending<P>> pages = new ArrayDeque<>();

  /** Since when the checkpoint waits for the page that is the oldest; null where there is none. */
  private volatile @Nullable Long waitsSince;

  private final Promise<Void> drained = Promise.promise();
  private Future<Void> lastWrite = Future.succeededFuture();
  private @Nullable P confirmed;
  private long events;
  private long bytes;
  private long lastRead;
  private boolean reading;
  private boolean stopped;
  private boolean abandoned;
  private boolean paused;
  private @Nullable EventPage<P> held;
  private boolean writeDue;

  /** A page on its way, and whether all of it is confirmed. */
  private static final class Pending<P> {
    final EventPage<P> page;
    boolean confirmed;

    Pending(EventPage<P> page) {
      this.page = page;
    }
  }

  /**
   * @param isInVain whether to wait for confirms is, for now; asked again and again by a drain
   * @param onFailure told what makes going on impossible
   */
  PagePump(
      Vertx vertx,
      PageSource<P> source,
      Partitions partitions,
      RelayConfig config,
      ShardMetrics metrics,
      BooleanSupplier isInVain,
      Consumer<Throwable> onFailure) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.source = source;
    this.partitions = partitions;
    this.config = config;
    this.metrics = metrics;
    this.isInVain = isInVain;
    this.onFailure = onFailure;
  }

  /** Begins to read; goes on until {@link #drain} or {@link #abandon}. */
  void start() {
    read();
  }

  /** Reads no more until {@link #resume}; what was read is confirmed, and that is noted. */
  void pause() {
    paused = true;
  }

  /** Goes on reading. */
  void resume() {
    paused = false;
    var page = held;
    held = null;
    if (page != null && !stopped) {
      publish(page);
    }
    read();
  }

  /** Whether live events fill what may be in flight: whoever has time waits. */
  boolean isFull() {
    return !hasRoom();
  }

  /**
   * Whether the checkpoint waits for events that are not confirmed for now, so a drain would last,
   * with nothing else read meanwhile; may be asked on any thread. Not after {@code
   * relay.stop-timeout}: a drain waits no longer either.
   */
  boolean isHeldUp() {
    var since = waitsSince;
    if (since == null) {
      return false;
    }
    long waited = System.nanoTime() - since;
    return waited >= HELD_UP_AFTER.toNanos() && waited < config.stopTimeout().toNanos();
  }

  /** The number of the last event of the page read last; 0 before there was one. */
  long lastRead() {
    return lastRead;
  }

  /** How far everything is confirmed; null before the first page is. */
  @Nullable P confirmed() {
    return confirmed;
  }

  /**
   * Stops reading, and completes when what was read is confirmed and exactly that is noted; what is
   * not confirmed within {@code bound}, or once it is in vain to wait, will be published again by
   * the next owner. Meanwhile nothing else of the shard is published.
   *
   * @return how many events were given up
   */
  Future<Long> drain(Duration bound) {
    stopped = true;
    if (pages.isEmpty()) {
      drained.tryComplete();
    }
    long timer = vertx.setTimer(Math.max(1, bound.toMillis()), late -> drained.tryComplete());
    long looks = vertx.setPeriodic(BETWEEN_LOOKS.toMillis(), passed -> drainNoMoreInVain());
    return drained
        .future()
        .onComplete(
            over -> {
              vertx.cancelTimer(timer);
              vertx.cancelTimer(looks);
            })
        .compose(
            nothingInFlight -> lastWrite.timeout(NOTED_WITHIN.toMillis(), TimeUnit.MILLISECONDS))
        .compose(written -> noteFinally())
        .map(noted -> events);
  }

  private void drainNoMoreInVain() {
    if (isInVain.getAsBoolean()) {
      drained.tryComplete();
    }
  }

  /** Stops at once; nothing is noted any more. */
  void abandon() {
    stopped = true;
    abandoned = true;
    confirmed = null;
    drained.tryFail("the term has ended before");
  }

  private Future<Void> noteFinally() {
    var last = confirmed;
    return last == null
        ? Future.succeededFuture()
        : source.confirmDurably(last).timeout(NOTED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void read() {
    boolean isFull = !hasRoom();
    metrics.readAhead(events, bytes, isFull);
    if (stopped || paused || reading || isFull) {
      return;
    }
    reading = true;
    source
        .next()
        .onComplete(
            page -> {
              reading = false;
              if (paused) {
                held = page;
              } else if (!stopped) {
                publish(page);
                read();
              }
            },
            this::fail);
  }

  private boolean hasRoom() {
    return source.isOneAtATime()
        ? pages.isEmpty()
        : events < config.readAheadEvents() && bytes < config.readAheadBytes();
  }

  private void publish(EventPage<P> page) {
    var pending = new Pending<>(page);
    if (pages.isEmpty()) {
      waitsSince = System.nanoTime();
    }
    pages.add(pending);
    events += page.events().size();
    metrics.pageRead(page.events().size());
    bytes += page.bytes();
    if (!page.isEmpty()) {
      lastRead = page.events().get(page.events().size() - 1).seq();
    }
    partitions.publish(page).onSuccess(done -> context.runOnContext(back -> confirm(pending)));
  }

  private void confirm(Pending<P> pending) {
    pending.confirmed = true;
    var before = pages.peek();
    while (!pages.isEmpty() && pages.peek().confirmed) {
      var page = pages.poll().page;
      events -= page.events().size();
      bytes -= page.bytes();
      confirmed = page.position();
      writeSoon();
    }
    if (pages.peek() != before) {
      waitsSince = pages.isEmpty() ? null : System.nanoTime();
    }
    if (stopped && pages.isEmpty()) {
      drained.tryComplete();
    }
    read();
  }

  private void writeSoon() {
    if (!writeDue && mayWrite()) {
      writeDue = true;
      vertx.setTimer(config.checkpointInterval().toMillis(), due -> write());
    }
  }

  /** Also while it drains: what a crash repeats then is no more than at any other time. */
  private boolean mayWrite() {
    return !abandoned && !drained.future().isComplete();
  }

  private void write() {
    writeDue = false;
    var position = confirmed;
    if (mayWrite() && position != null) {
      lastWrite =
          source
              .confirm(position)
              .onSuccess(written -> metrics.checkpointWritten())
              .onFailure(this::fail);
    }
  }

  /** A drain fails as well: once a later owner has begun, nothing may be published any more. */
  private void fail(Throwable failure) {
    if (!abandoned) {
      onFailure.accept(failure);
    }
  }
}
