package io.outboxrelay.pipeline;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.lifecycle.ServiceStoppedException;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.page.PageSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages from a source, passes them to the partitions, and advances the checkpoint when the
 * pages are confirmed.
 *
 * <p>Reads ahead until the {@link ReadAhead} is full. Pages are confirmed in the order in which
 * they were read, in whatever order the broker confirms their events.
 *
 * <p>Runs on one event loop, for one term.
 */
final class PagePump<P> extends Service implements BlockedBacklogProbe.ReadState {
  /**
   * How long a drain waits for a checkpoint to be written. There is a limit because a database that
   * does not answer must not hold up a stop.
   */
  private static final Duration NOTED_WITHIN = Duration.ofSeconds(5);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  /**
   * The time without a confirmed page after which the pump counts as held up. This is longer than a
   * busy broker takes to confirm a page.
   */
  private static final Duration HELD_UP_AFTER = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Context context;
  private final PageSource<P> source;
  private final PagePublisher publisher;
  private final Limits limits;
  private final PumpRecorder recorder;
  private final Consumer<Throwable> onFailure;
  private final ReadAhead readAhead;
  private final ArrayDeque<Pending<P>> pages = new ArrayDeque<>();

  /**
   * The {@link System#nanoTime} since which the oldest pending page holds up the checkpoint: when
   * the page before it was confirmed or, if there was none, when it was published. Null if no page
   * is pending.
   */
  private volatile @Nullable Long waitsSince;

  private final Promise<Void> drained = Promise.promise();
  private Future<Void> lastWrite = Future.succeededFuture();
  private @Nullable P confirmed;
  private PumpState phase = PumpState.READING;
  private boolean reading;
  private @Nullable EventPage<P> held;
  private boolean writeDue;

  /**
   * A published page. {@code confirmed} is true once every event of the page is confirmed or stored
   * in the dead letters.
   */
  private static final class Pending<P> {
    final EventPage<P> page;
    boolean confirmed;

    Pending(EventPage<P> page) {
      this.page = page;
    }
  }

  /**
   * The bounds of the pump.
   *
   * @param events how many unconfirmed events stop the reading; the last page may exceed this
   *     number
   * @param bytes how many bytes of unconfirmed events stop the reading; the last page may exceed
   *     this number
   * @param checkpointInterval time between two checkpoints while events are confirmed
   * @param stopTimeout how long a drain waits for events in flight
   */
  record Limits(int events, long bytes, Duration checkpointInterval, Duration stopTimeout) {
    static Limits of(RelayConfig config) {
      return new Limits(
          config.readAhead().events(),
          config.readAhead().bytes(),
          config.readAhead().checkpointInterval(),
          config.failover().stopTimeout());
    }
  }

  /**
   * @param onFailure called with a failure that ends the term
   */
  PagePump(
      Vertx vertx,
      PageSource<P> source,
      PagePublisher publisher,
      Limits limits,
      PumpRecorder recorder,
      Consumer<Throwable> onFailure) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.source = source;
    this.publisher = publisher;
    this.limits = limits;
    this.readAhead = new ReadAhead(limits.events(), limits.bytes());
    this.recorder = recorder;
    this.onFailure = onFailure;
  }

  /** Starts reading, unless the pump is paused; continues until it is drained or stopped. */
  @Override
  protected Future<Void> startNow() {
    read();
    return Future.succeededFuture();
  }

  /**
   * Stops reading until {@link #resume}. Pages already published are confirmed and checkpointed. No
   * effect during a drain.
   */
  void pause() {
    if (phase == PumpState.READING) {
      to(PumpState.PAUSED);
    }
  }

  /** Continues reading; no effect if the pump is not paused. */
  void resume() {
    if (phase != PumpState.PAUSED) {
      return;
    }
    to(PumpState.READING);
    var page = held;
    held = null;
    if (page != null) {
      publish(page);
    }
    read();
  }

  /**
   * Returns true if the read-ahead is full. Replays wait while it is full, so that new events come
   * first.
   */
  @Override
  public boolean isFull() {
    return readAhead.isFull(source.isOneAtATime());
  }

  /**
   * Returns true if the oldest page has waited for its confirms for over a second. A drain, during
   * which no further event of the shard is read, would then take long. Returns false again once the
   * page has waited for {@code relay.stop-timeout}, so that the shard can be released although it
   * makes no progress. May be called on any thread.
   */
  boolean isHeldUp() {
    var since = waitsSince;
    if (since == null) {
      return false;
    }
    long waited = System.nanoTime() - since;
    return waited >= HELD_UP_AFTER.toNanos() && waited < limits.stopTimeout().toNanos();
  }

  @Override
  public long lastRead() {
    return readAhead.lastRead();
  }

  /**
   * Returns the position up to which every event is confirmed; null before the first page is
   * confirmed, and after a stop.
   */
  @Nullable P confirmed() {
    return confirmed;
  }

  /** Returns the number of events that were read and are not confirmed. */
  long unconfirmed() {
    return readAhead.events();
  }

  /**
   * Stops reading, waits until every event that was read is confirmed, and writes the last
   * confirmed position to the checkpoint. The wait ends after {@code bound}, or earlier if no
   * confirm can be expected. The next owner then publishes the unconfirmed events again.
   */
  @Override
  protected Future<Void> drainNow(Duration bound) {
    to(PumpState.DRAINING);
    held = null;
    if (pages.isEmpty()) {
      drained();
    }
    long timer = vertx.setTimer(Math.max(1, bound.toMillis()), late -> drained());
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
        .compose(written -> noteFinally());
  }

  private void drainNoMoreInVain() {
    if (publisher.isInVain()) {
      drained();
    }
  }

  private void drained() {
    if (phase == PumpState.DRAINING) {
      to(PumpState.DRAINED);
      drained.complete();
    }
  }

  /** Stops at once and writes no further checkpoint. */
  @Override
  protected Future<Void> stopNow() {
    to(PumpState.ABANDONED);
    confirmed = null;
    drained.tryFail(new ServiceStoppedException("the term has ended before"));
    return Future.succeededFuture();
  }

  private Future<Void> noteFinally() {
    var last = confirmed;
    return last == null
        ? Future.succeededFuture()
        : source.confirmDurably(last).timeout(NOTED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void read() {
    boolean isFull = isFull();
    if (phase != PumpState.ABANDONED) {
      recorder.readAhead(readAhead.events(), readAhead.bytes(), isFull);
    }
    if (phase != PumpState.READING || !isRunning() || reading || isFull) {
      return;
    }
    reading = true;
    source
        .next()
        .onComplete(
            page -> {
              reading = false;
              switch (phase) {
                case READING -> {
                  publish(page);
                  read();
                }
                case PAUSED -> held = page;
                case DRAINING, DRAINED, ABANDONED -> {}
              }
            },
            this::fail);
  }

  private void publish(EventPage<P> page) {
    var pending = new Pending<>(page);
    if (pages.isEmpty()) {
      waitsSince = System.nanoTime();
    }
    pages.add(pending);
    readAhead.add(page);
    recorder.pageRead(page.events().size());
    publisher.publish(page).onSuccess(done -> context.runOnContext(back -> confirm(pending)));
  }

  private void confirm(Pending<P> pending) {
    pending.confirmed = true;
    var before = pages.peek();
    while (!pages.isEmpty() && pages.peek().confirmed) {
      var page = pages.poll().page;
      readAhead.confirm(page);
      confirmed = page.position();
      writeSoon();
    }
    if (pages.peek() != before) {
      waitsSince = pages.isEmpty() ? null : System.nanoTime();
    }
    if (pages.isEmpty()) {
      drained();
    }
    read();
  }

  private void writeSoon() {
    if (!writeDue && phase.mayWrite()) {
      writeDue = true;
      vertx.setTimer(limits.checkpointInterval().toMillis(), due -> write());
    }
  }

  private void write() {
    writeDue = false;
    var position = confirmed;
    if (phase.mayWrite() && position != null) {
      lastWrite =
          source
              .confirm(position)
              .onSuccess(written -> recorder.checkpointWritten())
              .onFailure(this::fail);
    }
  }

  /**
   * Reports a failure that ends the term. A failure during a drain is reported, too, because the
   * cause may be that another relay owns the shard, and then nothing more may be published.
   */
  private void fail(Throwable failure) {
    if (phase != PumpState.ABANDONED) {
      onFailure.accept(failure);
    }
  }

  private void to(PumpState next) {
    phase = phase.to(next);
  }
}
