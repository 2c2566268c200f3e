package io.outboxrelay.partition;

import io.outboxrelay.deadletter.Burial;
import io.outboxrelay.deadletter.Setback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes events out of the stream: those that the broker will never accept, those whose destination
 * takes nothing for now, and those that wait behind one of their aggregate. They go to the dead
 * letters, or where they came from there, remain.
 *
 * <p>For one event loop and one term, like the lanes.
 */
final class Withdrawals {
  private static final Logger LOG = LoggerFactory.getLogger(Withdrawals.class);

  private final Lanes lanes;
  private final Term term;

  Withdrawals(Lanes lanes, Term term) {
    this.lanes = lanes;
    this.term = term;
  }

  /** An event of a parked aggregate goes to the dead letters, or waits for those to come out. */
  void layAside(Delivery delivery) {
    var event = delivery.event;
    lanes.traffic().settled(event);
    var replay = lanes.replays().holding(event.aggregateId());
    if (replay != null) {
      replay.hold(delivery);
    } else {
      bury(delivery, Burial.waiting(event.seq(), event.aggregateId(), lanes.destination(event)));
    }
  }

  /** What the settings say is done with an event that will never be accepted. */
  void reject(Delivery delivery, String reason) {
    var event = delivery.event;
    lanes.traffic().rejected(event);
    String destination = lanes.destination(event);
    var replay = delivery.slice.replay();
    var line =
        EventLine.about(event, lanes.traffic().shard(), LOG.atWarn())
            .addKeyValue("destination", destination)
            .addKeyValue("reason", reason);
    if (replay != null) {
      line.log("{} was rejected again, and stays in the dead letters: {}", event, reason);
      setBack(replay, delivery, new Setback(event.seq(), reason, destination, true));
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
            Burial.rejected(event.seq(), event.aggregateId(), hasAggregate, reason, destination));
      }
      case SKIP -> {
        line.log("{} was rejected and moved to the dead letters: {}", event, reason);
        bury(
            delivery,
            Burial.rejected(event.seq(), event.aggregateId(), false, reason, destination));
      }
      case HALT ->
          lanes.end(new HaltException(event + " was rejected, and on-rejected is halt: " + reason));
    }
  }

  /** Its aggregate waits in the dead letters until its destination takes something again. */
  void defer(Delivery delivery) {
    var event = delivery.event;
    lanes.traffic().deferred(event);
    String destination = lanes.destination(event);
    String reason = term.destinations().reason(destination);
    var replay = delivery.slice.replay();
    if (replay != null) {
      setBack(replay, delivery, new Setback(event.seq(), reason, destination, false));
    } else {
      term.buried().parked().add(event.aggregateId());
      bury(delivery, Burial.deferred(event.seq(), event.aggregateId(), reason, destination));
    }
  }

  private void setBack(Replay replay, Delivery delivery, Setback setback) {
    lanes.publisher().setAside(delivery.event, setback.reason(), setback.rejected());
    replay.setBack(setback);
  }

  private void bury(Delivery delivery, Burial burial) {
    lanes.publisher().setAside(delivery.event, burial.reason(), burial.rejected());
    term.deadLetters()
        .bury(burial)
        .onComplete(
            buried -> lanes.onLoop(delivery.slice::settleOne),
            failure -> lanes.onLoop(() -> lanes.end(failure)));
  }
}
