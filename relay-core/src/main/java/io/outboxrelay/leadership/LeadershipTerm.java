package io.outboxrelay.leadership;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One term of owning a shard: the preparation, the campaign for the lease, and the time from
 * acquiring the lease to losing a connection or stopping.
 *
 * <pre>
 *   NEW ─▶ PREPARING ─▶ PREPARED ─▶ CAMPAIGNING ─▶ TAKING_OVER ─▶ STARTING ─▶ LEADING ─▶ DRAINING
 *    │         │            │            │              │             │          │           │
 *    └─────────┴────────────┴────────────┴──── ENDED ◀──┴─────────────┴──────────┴───────────┘
 * </pre>
 *
 * <p>The term owns the shard from TAKING_OVER to the end. Everything held in memory belongs to the
 * term and is dropped with it; the next term begins at the stored checkpoint. If a connection of
 * the term is lost, {@link #over} fails. The caller then calls {@link #end}, so that nothing more
 * is published. To stop in good order, the caller calls {@link #drain}, which lets events in flight
 * be confirmed first. Runs on one event loop.
 */
final class LeadershipTerm implements TermSteps.Term {
  private final TermSteps steps;
  private final Promise<Void> over = Promise.promise();
  private final Promise<Void> nothingInFlight = Promise.promise();
  private volatile TermState state = TermState.NEW;
  private volatile long ledSince;
  private @Nullable Future<Void> prepared;

  /**
   * Creates a term that does nothing until {@link #prepare} or {@link #campaign}.
   *
   * @param steps creates the steps of this term
   */
  LeadershipTerm(Function<TermSteps.Term, TermSteps> steps) {
    this.steps = steps.apply(this);
  }

  /**
   * Fails with the failure that must end the term; completes if {@link #end} is called without a
   * failure. Both happen on the event loop.
   */
  Future<Void> over() {
    return over.future();
  }

  /**
   * Does everything that needs no lease, and warms up, so that a later campaign takes less time. A
   * further call only warms up again, because caches such as the broker client's metadata expire.
   */
  Future<Void> prepare() {
    return prepared().compose(opened -> unlessOver(steps::warmUp));
  }

  /**
   * Acquires the lease and begins to publish from the stored checkpoint. If there is one shard,
   * waits for as long as another relay holds the lease. If there are several, tries once, and fails
   * with {@link LeaseTakenException} if the lease cannot be acquired. Completes when the term
   * publishes. Fails with {@link TermOverException} if the term ends before the lease is acquired
   * or before it publishes.
   *
   * @param onConnected called when the database has answered and holds an outbox
   */
  Future<Void> campaign(Runnable onConnected) {
    return prepared()
        .onSuccess(opened -> onConnected.run())
        .compose(opened -> next(TermState.CAMPAIGNING, steps::acquireLease))
        .compose(won -> next(TermState.TAKING_OVER, steps::takeOver))
        .compose(taken -> next(TermState.STARTING, steps::beginPublishing))
        .compose(begun -> next(TermState.LEADING, steps::lead));
  }

  private Future<Void> prepared() {
    var before = prepared;
    if (before != null) {
      return before;
    }
    var opened =
        next(TermState.PREPARING, steps::prepare)
            .compose(verified -> next(TermState.PREPARED, Future::succeededFuture));
    prepared = opened;
    return opened;
  }

  /**
   * If the term is not over, changes its state to {@code next} and takes the step. If the term is
   * over, fails with {@link TermOverException}.
   */
  private Future<Void> next(TermState next, Supplier<Future<Void>> step) {
    return unlessOver(
        () -> {
          to(next);
          return step.get();
        });
  }

  private Future<Void> unlessOver(Supplier<Future<Void>> step) {
    return isOver() ? Future.failedFuture(new TermOverException()) : step.get();
  }

  /** Returns the state of the term. May be called on any thread. */
  TermState state() {
    return state;
  }

  /**
   * Returns the value that {@link System#nanoTime} had when this term began to publish the shard;
   * empty if the term does not publish now. May be called on any thread.
   */
  OptionalLong ledSince() {
    long since = ledSince;
    return switch (state) {
      case LEADING, DRAINING -> OptionalLong.of(since);
      default -> OptionalLong.empty();
    };
  }

  /** Returns true if an operator has paused everything. May be called on any thread. */
  boolean isPaused() {
    return state == TermState.LEADING && steps.isPaused();
  }

  /**
   * Returns true if a drain would take long, because a confirm is overdue. May be called on any
   * thread.
   */
  boolean isHeldUp() {
    return state == TermState.LEADING && steps.isHeldUp();
  }

  /**
   * Ends the term in good order: reads nothing more, waits until everything read is confirmed or
   * given up, and writes the checkpoint.
   *
   * @return the number of events that were read and not confirmed
   */
  Future<Long> drain() {
    if (state != TermState.LEADING) {
      return end().map(0L);
    }
    to(TermState.DRAINING);
    return steps.drain().eventually(this::end);
  }

  /**
   * Ends the term at once, in any state. Completes when no event of the term is in flight and the
   * lease is released. The lease is released last, so that a successor cannot overtake events in
   * flight. A second call has no effect.
   */
  Future<Void> end() {
    if (!isOver()) {
      boolean usedPartitions = state.usesPartitions();
      to(TermState.ENDED);
      var stopped = steps.stopPipeline();
      var silent = usedPartitions ? steps.endOnPartitions() : Future.<Void>succeededFuture();
      Future.join(stopped, silent)
          .eventually(steps::releaseLease)
          .onComplete(released -> nothingInFlight.complete());
      over.tryComplete();
    }
    return nothingInFlight.future();
  }

  @Override
  public boolean isOver() {
    return state == TermState.ENDED;
  }

  @Override
  public void fail(Throwable failure) {
    if (!isOver()) {
      over.tryFail(failure);
    }
  }

  private void to(TermState next) {
    if (next == TermState.LEADING) {
      ledSince = System.nanoTime();
    }
    state = state.to(next);
  }
}
