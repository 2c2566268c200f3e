package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.NewDeadLetter;
import io.outboxrelay.deadletter.RedeliveryFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes events out of the stream: those that the broker will never accept, those whose destination
 * takes nothing for now, and those that wait behind one of their aggregate. They go to the dead
 * letters, or where they came from there, remain.
 *
 * <p>For one event loop and one term, like the lanes.
 */
final class DeadLetterRouter {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterRouter.class);

  private final OrderedDispatcher dispatcher;
  private final TermContext term;

  DeadLetterRouter(OrderedDispatcher dispatcher, TermContext term) {
    this.dispatcher = dispatcher;
    this.term = term;
  }

  /** An event of a parked aggregate goes to the dead letters, or waits for those to come out. */
  void layAside(PendingDelivery delivery) {
    var event = delivery.event;
    dispatcher.traffic().settled(event);
    var replay = dispatcher.replays().holding(event.aggregateId());
    if (replay != null) {
      replay.hold(delivery);
    } else {
      bury(
          delivery,
          NewDeadLetter.waiting(event.seq(), event.aggregateId(), dispatcher.destination(event)));
    }
  }

  /** What the settings say is done with an event that will never be accepted. */
  void reject(PendingDelivery delivery, String reason) {
    var event = delivery.event;
    dispatcher.traffic().rejected(event);
    String destination = dispatcher.destination(event);
    var replay = delivery.slice.replay();
    var line =
        EventLogFields.about(event, dispatcher.traffic().shard(), LOG.atWarn())
            .addKeyValue("destination", destination)
            .addKeyValue("reason", reason);
    if (replay != null) {
      line.log("{} was rejected again, and stays in the dead letters: {}", event, reason);
      setBack(replay, delivery, new RedeliveryFailure(event.seq(), reason, destination, true));
      return;
    }
    boolean hasAggregate = !event.aggregateId().isEmpty();
    switch (term.rejections().at(destination)) {
      case PARK -> {
        line.log(
            "{} was rejected and moved to the dead letters, with what follows of its aggregate: {}",
            event,
            reason);
        if (hasAggregate) {
          term.buried().parked().add(event.aggregateId());
        }
        bury(
            delivery,
            NewDeadLetter.rejected(
                event.seq(), event.aggregateId(), hasAggregate, reason, destination));
      }
      case SKIP -> {
        line.log("{} was rejected and moved to the dead letters: {}", event, reason);
        bury(
            delivery,
            NewDeadLetter.rejected(event.seq(), event.aggregateId(), false, reason, destination));
      }
      case HALT ->
          dispatcher.end(
              new HaltException(event + " was rejected, and on-rejected is halt: " + reason));
    }
  }

  /** Its aggregate waits in the dead letters until its destination takes something again. */
  void defer(PendingDelivery delivery) {
    var event = delivery.event;
    dispatcher.traffic().deferred(event);
    String destination = dispatcher.destination(event);
    String reason = term.destinations().reason(destination);
    var replay = delivery.slice.replay();
    if (replay != null) {
      setBack(replay, delivery, new RedeliveryFailure(event.seq(), reason, destination, false));
    } else {
      term.buried().parked().add(event.aggregateId());
      bury(delivery, NewDeadLetter.deferred(event.seq(), event.aggregateId(), reason, destination));
    }
  }

  private void setBack(
      Redelivery replay, PendingDelivery delivery, RedeliveryFailure redeliveryFailure) {
    dispatcher
        .publisher()
        .setAside(delivery.event, redeliveryFailure.reason(), redeliveryFailure.rejected());
    replay.setBack(redeliveryFailure);
  }

  private void bury(PendingDelivery delivery, NewDeadLetter newDeadLetter) {
    dispatcher
        .publisher()
        .setAside(delivery.event, newDeadLetter.reason(), newDeadLetter.rejected());
    term.deadLetters()
        .bury(newDeadLetter)
        .onComplete(
            buried -> dispatcher.onLoop(delivery.slice::settleOne),
            failure -> dispatcher.onLoop(() -> dispatcher.end(failure)));
  }
}
