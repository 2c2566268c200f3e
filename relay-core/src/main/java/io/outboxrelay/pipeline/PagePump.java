package io.outboxrelay.pipeline;

import io.outboxrelay.config.RelayConfig;
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
 * <p>Reads ahead while the events and bytes not yet confirmed are within bounds; this is the only
 * back-pressure. Pages are confirmed in the order in which they were read, in whatever order the
 * broker confirms their events.
 *
 * <p>Lives on one event loop, for one term.
 */
final class PagePump<P> {
  /**
   * Bounds the last checkpoint, because a database that does not answer must not hold up a stop.
   */
  private static final Duration NOTED_WITHIN = Duration.ofSeconds(5);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  /** Longer than a broker that is only busy takes to confirm a page. */
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

  /** The time since which the oldest page holds up the checkpoint; null if no page is pending. */
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

  /** A published page; {@code confirmed} once all of its events are settled. */
  private static final class Pending<P> {
    final EventPage<P> page;
    boolean confirmed;

    Pending(EventPage<P> page) {
      this.page = page;
    }
  }

  /**
   * @param isInVain true if no confirm can be expected now; a drain asks it periodically and stops
   *     waiting
   * @param onFailure called with a failure that ends the term
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

  /** Starts reading; continues until {@link #drain} or {@link #abandon}. */
  void start() {
    read();
  }

  /**
   * Stops reading until {@link #resume}. Pages already published are confirmed and checkpointed.
   */
  void pause() {
    paused = true;
  }

  /** Continues reading. */
  void resume() {
    paused = false;
    var page = held;
    held = null;
    if (page != null && !stopped) {
      publish(page);
    }
    read();
  }

  /** Returns true if the read-ahead is full. Replays wait then, so that live events come first. */
  boolean isFull() {
    return !hasRoom();
  }

  /**
   * Returns true if the oldest page has waited for its confirms for over a second, so that a drain
   * would take long while nothing else of the shard is read. Returns false again after {@code
   * relay.stop-timeout}, because a drain waits no longer than that. May be called on any thread.
   */
  boolean isHeldUp() {
    var since = waitsSince;
    if (since == null) {
      return false;
    }
    long waited = System.nanoTime() - since;
    return waited >= HELD_UP_AFTER.toNanos() && waited < config.stopTimeout().toNanos();
  }

  /** Returns the sequence number of the last event read; 0 before the first. */
  long lastRead() {
    return lastRead;
  }

  /** Returns the position up to which everything is confirmed; null before the first page is. */
  @Nullable P confirmed() {
    return confirmed;
  }

  /**
   * Stops reading; completes when everything read is confirmed and the checkpoint says exactly
   * that. Events that are not confirmed within {@code bound}, or while no confirm can be expected,
   * are given up: the next owner publishes them again. Nothing else of the shard is published
   * meanwhile.
   *
   * @return the number of events given up
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

  /** Stops at once and writes no further checkpoint. */
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

  /**
   * Returns true also during a drain, so that a crash then repeats no more events than at other
   * times.
   */
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

  /**
   * Reports a failure, also during a drain: if a later owner has begun, nothing more may be
   * published.
   */
  private void fail(Throwable failure) {
    if (!abandoned) {
      onFailure.accept(failure);
    }
  }
}
