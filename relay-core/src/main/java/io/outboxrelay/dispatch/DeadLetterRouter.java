package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.NewDeadLetter;
import io.outboxrelay.deadletter.RedeliveryFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves events to the dead letters: rejected events, events deferred because their destination's
 * circuit breaker is open, and events blocked behind one of these. An event that is being
 * redelivered stays in the dead letters instead.
 *
 * <p>Runs on one event loop, for one term, like its {@link OrderedDispatcher}.
 */
final class DeadLetterRouter {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterRouter.class);

  private final OrderedDispatcher dispatcher;
  private final TermContext term;

  DeadLetterRouter(OrderedDispatcher dispatcher, TermContext term) {
    this.dispatcher = dispatcher;
    this.term = term;
  }

  /**
   * Moves an event of a parked aggregate to the dead letters. If the redelivery of the aggregate is
   * in its last phase ({@code HOLDING}), the event waits in memory instead, until the redelivery
   * ends.
   */
  void layAside(PendingDelivery delivery) {
    var event = delivery.event;
    dispatcher.traffic().health().settled(event);
    var redelivery = dispatcher.redeliveries().holding(event.aggregateId());
    if (redelivery != null) {
      redelivery.hold(delivery);
    } else {
      write(
          delivery,
          NewDeadLetter.waiting(event.seq(), event.aggregateId(), dispatcher.destination(event)));
    }
  }

  /** Applies {@code relay.on-rejected} to an event that the broker will never accept. */
  void reject(PendingDelivery delivery, String reason) {
    var event = delivery.event;
    dispatcher.traffic().rejected(event);
    String destination = dispatcher.destination(event);
    var redelivery = delivery.slice.redelivery();
    var line =
        EventLogFields.about(event, dispatcher.traffic().shard(), LOG.atWarn())
            .addKeyValue("destination", destination)
            .addKeyValue("reason", reason);
    if (redelivery != null) {
      line.log("{} was rejected again, and stays in the dead letters: {}", event, reason);
      setBack(redelivery, delivery, new RedeliveryFailure(event.seq(), reason, destination, true));
      return;
    }
    boolean hasAggregate = !event.aggregateId().isEmpty();
    switch (term.rejections().at(destination)) {
      case PARK -> {
        line.log("{} {}: {}", event, consequence(hasAggregate), reason);
        if (hasAggregate) {
          term.snapshot().parked().add(event.aggregateId());
        }
        write(
            delivery,
            NewDeadLetter.rejected(
                event.seq(), event.aggregateId(), hasAggregate, reason, destination));
      }
      case SKIP -> {
        line.log("{} {}: {}", event, consequence(false), reason);
        write(
            delivery,
            NewDeadLetter.rejected(event.seq(), event.aggregateId(), false, reason, destination));
      }
      case HALT ->
          dispatcher.end(
              new HaltException(event + " was rejected, and on-rejected is halt: " + reason));
    }
  }

  /**
   * Returns the consequence of a rejection as part of a log message.
   *
   * @param parks true if the event's aggregate is parked
   */
  static String consequence(boolean parks) {
    return "was rejected and moved to the dead letters"
        + (parks ? ", and so are the later events of its aggregate" : "");
  }

  /**
   * Moves an event to the dead letters as deferred, and parks its aggregate until the destination
   * accepts events again. If the event is being redelivered, ends the redelivery.
   */
  void defer(PendingDelivery delivery) {
    var event = delivery.event;
    dispatcher.traffic().deferred(event);
    String destination = dispatcher.destination(event);
    String reason = term.destinations().reason(destination);
    var redelivery = delivery.slice.redelivery();
    if (redelivery != null) {
      setBack(redelivery, delivery, new RedeliveryFailure(event.seq(), reason, destination, false));
    } else {
      term.snapshot().parked().add(event.aggregateId());
      write(
          delivery, NewDeadLetter.deferred(event.seq(), event.aggregateId(), reason, destination));
    }
  }

  private void setBack(
      Redelivery redelivery, PendingDelivery delivery, RedeliveryFailure redeliveryFailure) {
    dispatcher
        .publisher()
        .setAside(delivery.event, redeliveryFailure.reason(), redeliveryFailure.rejected());
    redelivery.setBack(redeliveryFailure);
  }

  private void write(PendingDelivery delivery, NewDeadLetter newDeadLetter) {
    dispatcher
        .publisher()
        .setAside(delivery.event, newDeadLetter.reason(), newDeadLetter.rejected());
    term.deadLetters()
        .write(newDeadLetter)
        .onComplete(
            written -> dispatcher.onLoop(delivery.slice::settleOne),
            failure -> dispatcher.onLoop(() -> dispatcher.end(failure)));
  }
}
