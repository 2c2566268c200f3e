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
 * Redelivers a parked aggregate: publishes its dead letters in order, page by page, and then lets
 * its live events follow. Live events are the events of the aggregate that are read from the outbox
 * in the meantime.
 *
 * <pre>
 *   SETTING_ASIDE ── all sent ──▶ HOLDING ── those added meanwhile sent, too ──▶ OVER, not parked
 *      ├── an event set back, or interrupted ──┴──────────────────────────────▶ OVER, still parked
 *      └── stopped ──▶ LEAVING ── nothing in flight any more ──────────────────────────┘
 * </pre>
 *
 * <p>In SETTING_ASIDE, live events of the aggregate still go to the dead letters. They therefore
 * hold up no page of the outbox, however long the redelivery takes. In HOLDING, live events wait in
 * memory, and no dead letter is added. Once all dead letters are sent, the waiting events follow.
 * If the whole page of dead letters was sent when LEAVING ends, the state returns to SETTING_ASIDE,
 * and the next page is claimed, that is, marked in the table.
 *
 * <p>Runs on the event loop of its dispatcher.
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
   * Completes when the redelivery is over. It is over, too, if an event was set back, that is,
   * remains a dead letter. Fails if the redelivery was interrupted.
   */
  Future<Void> done() {
    return done.future();
  }

  void start() {
    if (stopping) {
      // No dead letter is claimed yet, so the caller must begin again.
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
   * Ends the redelivery once the events in flight are settled. It does not wait for the rest of the
   * page, which could take longer than a stop may take. In HOLDING, the redelivery continues until
   * all dead letters are sent, because live events wait for it.
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
   * Records in the table which dead letters were sent. If the whole page was sent, claims the next
   * page in the same step. Otherwise no marked row might be left, and the next owner of the shard
   * would not finish the redelivery.
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

  /** Keeps a live event in memory until the dead letters of its aggregate are sent. */
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
   * Records in the table which dead letters were sent, although the claim of the next page has
   * failed. Otherwise the same page would be sent again and again while an operator's session locks
   * a later row.
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
   * Enters HOLDING, in which no dead letter is added, waits until the dead letters that are being
   * written are stored, and claims them.
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
   * Ends the redelivery with a failure; the aggregate stays parked. Claimed rows stay marked in the
   * table and are redelivered later. Because there may be no marked row left, the caller of {@link
   * #done} must begin again.
   */
  private void interrupted(Throwable failure) {
    if (state != State.OVER) {
      over(() -> {});
    }
    done.tryFail(failure);
  }
}
