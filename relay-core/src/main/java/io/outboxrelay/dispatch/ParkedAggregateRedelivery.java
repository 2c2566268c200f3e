package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.deadletter.DeadLetterClaims.Page;
import io.outboxrelay.deadletter.RedeliveryFailure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Redelivers a parked aggregate: publishes its dead letters in order, and then lets its live events
 * follow without a gap.
 *
 * <pre>
 *   SETTING_ASIDE ── all sent ──▶ HOLDING ── those added meanwhile sent, too ──▶ OVER, not parked
 *      ├── an event set back, or interrupted ──┴──────────────────────────────▶ OVER, still parked
 *      └── stopped ──▶ LEAVING ── nothing in flight any more ──────────────────────────┘
 * </pre>
 *
 * <p>In SETTING_ASIDE, live events of the aggregate still go to the dead letters, so that they hold
 * up no page, however long the redelivery takes. In HOLDING they wait in memory instead. Because no
 * dead letter is added in HOLDING, the held events follow once all dead letters are sent. If
 * LEAVING finds that a whole page was sent, it returns to SETTING_ASIDE to claim the next one.
 *
 * <p>Lives on the event loop of its dispatcher.
 */
final class ParkedAggregateRedelivery implements Redelivery {
  private final String aggregateId;
  private final OrderedDispatcher dispatcher;
  private final Redeliveries redeliveries;
  private final DeadLetterClaims claims;
  private final ArrayDeque<PendingDelivery> held = new ArrayDeque<>();
  private final Promise<Void> done = Promise.promise();
  private State state = State.SETTING_ASIDE;
  private Page page = new Page(List.of(), false);
  private long last = Long.MIN_VALUE;
  private @Nullable PageSlice onItsWay;
  private boolean stopping;

  private enum State {
    SETTING_ASIDE,
    LEAVING,
    HOLDING,
    OVER
  }

  ParkedAggregateRedelivery(
      String aggregateId,
      OrderedDispatcher dispatcher,
      Redeliveries redeliveries,
      DeadLetterClaims claims) {
    this.aggregateId = aggregateId;
    this.dispatcher = dispatcher;
    this.redeliveries = redeliveries;
    this.claims = claims;
  }

  /**
   * Completes when the redelivery is over, also if an event was set back, that is, remains a dead
   * letter; fails if the redelivery was interrupted.
   */
  Future<Void> done() {
    return done.future();
  }

  void start() {
    if (stopping) {
      // Nothing is claimed yet, so the caller has to begin again.
      interrupted(new TermEndedException());
    } else {
      claim(List.of());
    }
  }

  /**
   * Ends at once because the term has ended: nothing more is published, and outcomes are ignored.
   */
  void abandon(Throwable reason) {
    state = State.OVER;
    held.clear();
    done.tryFail(reason);
  }

  /**
   * Ends after the events in flight, because the rest of a page could take longer than a stop may
   * take. In HOLDING the redelivery continues to its end, because live events wait for it.
   */
  void stop() {
    stopping = true;
    var sending = onItsWay;
    if (state == State.SETTING_ASIDE && sending != null) {
      state = State.LEAVING;
      dispatcher.whenSettled(aggregateId, false, () -> leave(sending));
    }
  }

  /**
   * Notes what was sent. If the whole page was sent, claims the next one: if no dead letter were
   * left, no mark in the table would make the next owner finish the redelivery.
   */
  private void leave(PageSlice sent) {
    if (state != State.LEAVING) {
      return;
    }
    if (sent.confirmed().isComplete()) {
      state = State.SETTING_ASIDE;
      claim(page.seqs());
    } else {
      var settled = page.seqs().subList(0, sent.settled());
      over(() -> {});
      whenDone(claims.settle(settled), noted -> done.complete());
    }
  }

  boolean isHolding() {
    return state == State.HOLDING;
  }

  @Override
  public boolean isOver() {
    return state == State.OVER || state == State.LEAVING;
  }

  /** Keeps a live event in memory until it may follow. */
  void hold(PendingDelivery delivery) {
    held.add(delivery);
  }

  private void claim(List<Long> settled) {
    whenDone(
        claims.next(aggregateId, settled, isHolding() ? Long.MIN_VALUE : last),
        this::claimed,
        failure -> notClaimed(settled, failure));
  }

  /**
   * Notes what was sent although the next claim failed. Otherwise the same page would be sent again
   * and again while an operator's session locks a later row.
   */
  private void notClaimed(List<Long> settled, Throwable failure) {
    if (settled.isEmpty()) {
      interrupted(failure);
    } else {
      claims.settle(settled).onComplete(noted -> dispatcher.onLoop(() -> interrupted(failure)));
    }
  }

  private void claimed(Page next) {
    page = next;
    if (!page.deadLetters().isEmpty()) {
      publish();
    } else if (isHolding()) {
      over(() -> redeliveries.unpark(aggregateId));
      done.complete();
    } else {
      hold(List.of());
    }
  }

  private void publish() {
    if (stopping && !isHolding()) {
      over(() -> {});
      done.complete();
      return;
    }
    last = Math.max(last, page.seqs().get(page.deadLetters().size() - 1));
    var sending = dispatcher.publish(page.deadLetters(), this);
    onItsWay = sending;
    sending.confirmed().onSuccess(all -> published());
  }

  private void published() {
    onItsWay = null;
    if (state == State.LEAVING) {
      return;
    }
    if (isHolding() || page.more() || stopping) {
      claim(page.seqs());
    } else {
      hold(page.seqs());
    }
  }

  /**
   * Enters HOLDING, in which no dead letter is added, and waits for the dead letters that are still
   * being written.
   */
  private void hold(List<Long> settled) {
    state = State.HOLDING;
    whenDone(redeliveries.written(aggregateId), written -> claim(settled));
  }

  @Override
  public void setBack(RedeliveryFailure redeliveryFailure) {
    var settled = new ArrayList<>(page.seqs());
    settled.removeIf(seq -> seq >= redeliveryFailure.seq());
    over(() -> {});
    whenDone(claims.giveBack(aggregateId, settled, redeliveryFailure), noted -> done.complete());
  }

  private void over(Runnable unpark) {
    state = State.OVER;
    redeliveries.end(aggregateId);
    unpark.run();
    held.forEach(dispatcher::enter);
    held.clear();
  }

  private <T> void whenDone(Future<T> step, Consumer<T> next) {
    whenDone(step, next, this::interrupted);
  }

  private <T> void whenDone(Future<T> step, Consumer<T> next, Consumer<Throwable> otherwise) {
    step.onComplete(
        result ->
            dispatcher.onLoop(
                () -> {
                  if (result.succeeded()) {
                    next.accept(result.result());
                  } else {
                    otherwise.accept(result.cause());
                  }
                }));
  }

  /**
   * Ends with a failure. Claimed rows stay marked and are redelivered later. If no marked row is
   * left, the aggregate is still parked, so the caller of {@link #done} has to begin again.
   */
  private void interrupted(Throwable failure) {
    if (state != State.OVER) {
      over(() -> {});
    }
    done.tryFail(failure);
  }
}
