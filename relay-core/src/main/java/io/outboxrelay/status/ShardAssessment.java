package io.outboxrelay.status;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.format.ElapsedTimeFormat;
import java.time.Duration;
import java.util.Optional;

/** Derives the status of one shard that a relay leads. */
final class ShardAssessment {
  private final ShardObservation facts;
  private final StatusInputs evidence;
  private final String prefix;

  /**
   * @param isNamed true if the sentence mentions the number of the shard
   */
  ShardAssessment(ShardObservation facts, StatusInputs evidence, boolean isNamed) {
    this.facts = facts;
    this.evidence = evidence;
    this.prefix = isNamed ? "shard " + facts.shard() + ": " : "";
  }

  RelayStatus verdict() {
    if (facts.waiting().count() == 0) {
      return idle();
    }
    var broker = evidence.problems().broker();
    if (broker.isPresent()) {
      return RelayStatus.stuck(
          StuckCause.BROKER,
          "on the broker, for %s, while %s: %s; the relay goes on by itself once the broker accepts events"
              .formatted(ElapsedTimeFormat.of(broker.get().age()), waits(), broker.get().what()));
    }
    if (isOlderThan(RelayStatus.BEHIND_AFTER)) {
      return isStanding() ? stuck() : behind();
    }
    return new RelayStatus(StatusCode.DELIVERING, prefix + waits());
  }

  private RelayStatus idle() {
    boolean isBusy =
        facts.quiet().isPresent() && facts.quiet().get().compareTo(RelayStatus.BEHIND_AFTER) < 0;
    return isBusy
        ? new RelayStatus(
            StatusCode.DELIVERING,
            prefix
                + "nothing waits, the last confirm was "
                + ElapsedTimeFormat.of(quiet())
                + " ago")
        : new RelayStatus(StatusCode.IDLE, prefix + "nothing that is committed waits");
  }

  private boolean isOlderThan(Duration age) {
    return facts.waiting().oldest().isPresent()
        && facts.waiting().oldest().get().compareTo(age) > 0;
  }

  private boolean isStanding() {
    return facts.quiet().isPresent()
        && quiet().compareTo(RelayStatus.STUCK_AFTER) > 0
        && isOlderThan(RelayStatus.STUCK_AFTER);
  }

  private Duration quiet() {
    return facts.quiet().orElse(Duration.ZERO);
  }

  private RelayStatus stuck() {
    var event = evidence.problems().event();
    if (event.isPresent()) {
      return RelayStatus.stuck(
          StuckCause.EVENT,
          "on an event, for %s, while %s: %s; it is tried again until it is published"
              .formatted(ElapsedTimeFormat.of(event.get().age()), waits(), event.get().what()));
    }
    return RelayStatus.stuck(
        StuckCause.UNKNOWN,
        "for an unknown reason: nothing was confirmed for %s, and %s; %s"
            .formatted(ElapsedTimeFormat.of(quiet()), waits(), whereToLook()));
  }

  private String whereToLook() {
    return facts
        .leader()
        .filter(leader -> !facts.isMine())
        .map(leader -> "see the log of " + leader + " and the status that it reports")
        .orElse("see the log, and run the command check");
  }

  private RelayStatus behind() {
    return new RelayStatus(
        StatusCode.BEHIND, prefix + waits() + outlook().map(told -> "; " + told).orElse(""));
  }

  /**
   * Returns a clause with the rates of confirmed and written events; empty if the rates are not
   * known.
   */
  private Optional<String> outlook() {
    return facts
        .pace()
        .map(
            pace -> {
              double gain = pace.out() - pace.in();
              String rates =
                  "%s a second are confirmed and %s written"
                      .formatted(
                          CountFormat.of(Math.round(pace.out())),
                          CountFormat.of(Math.round(pace.in())));
              return gain > 0.05 * pace.out()
                  ? rates
                      + ", so it takes about "
                      + ElapsedTimeFormat.of(
                          Duration.ofMillis((long) (1000 * facts.waiting().count() / gain)))
                      + " more"
                  : rates + ", so the backlog does not shrink";
            });
  }

  /** Returns words such as {@code 12 events wait, the oldest for 3.2 s}. */
  private String waits() {
    return StatusFormat.waiting(facts.waiting().count(), facts.waiting().isMore())
        + facts
            .waiting()
            .oldest()
            .map(
                age ->
                    facts.waiting().count() == 1
                        ? " for " + ElapsedTimeFormat.of(age)
                        : ", the oldest for " + ElapsedTimeFormat.of(age))
            .orElse("");
  }
}
