package io.outboxrelay.status;

import java.time.Duration;
import java.util.Optional;

/** Derives the status of one shard that a relay leads. */
final class ShardAssessment {
  private final ShardObservation facts;
  private final StatusInputs evidence;
  private final String prefix;

  /**
   * @param isNamed true to mention the number of the shard
   */
  ShardAssessment(ShardObservation facts, StatusInputs evidence, boolean isNamed) {
    this.facts = facts;
    this.evidence = evidence;
    this.prefix = isNamed ? "shard " + facts.shard() + ": " : "";
  }

  RelayStatus verdict() {
    if (facts.waiting() == 0) {
      return idle();
    }
    var broker = evidence.broker();
    if (broker.isPresent()) {
      return new RelayStatus(
          StatusCode.STUCK,
          "on the broker, for %s, while %s: %s; it goes on by itself once the broker takes events"
              .formatted(StatusFormat.time(broker.get().age()), waits(), broker.get().what()));
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
            prefix + "nothing waits, the last confirm was " + StatusFormat.time(quiet()) + " ago")
        : new RelayStatus(StatusCode.IDLE, prefix + "nothing that is committed waits");
  }

  private boolean isOlderThan(Duration age) {
    return facts.oldest().isPresent() && facts.oldest().get().compareTo(age) > 0;
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
    String why =
        evidence
            .event()
            .map(
                trouble ->
                    "on an event, for %s, while %s: %s; it is tried again until it is published"
                        .formatted(StatusFormat.time(trouble.age()), waits(), trouble.what()))
            .orElseGet(
                () ->
                    ("on something that cannot be told from here: for %s nothing was confirmed, and"
                            + " %s; %s")
                        .formatted(StatusFormat.time(quiet()), waits(), whereToLook()));
    return new RelayStatus(StatusCode.STUCK, why);
  }

  private String whereToLook() {
    return facts
        .leader()
        .filter(leader -> !facts.isMine())
        .map(leader -> "the verdict and the log of " + leader + " know more")
        .orElse("the log says more, and so does the command check");
  }

  private RelayStatus behind() {
    return new RelayStatus(
        StatusCode.BEHIND, prefix + waits() + outlook().map(told -> "; " + told).orElse(""));
  }

  /** Returns how the backlog develops; empty if the rates are not known. */
  private Optional<String> outlook() {
    return facts
        .pace()
        .map(
            pace -> {
              double gain = pace.out() - pace.in();
              String rates =
                  "%s a second are confirmed and %s written"
                      .formatted(
                          StatusFormat.number(Math.round(pace.out())),
                          StatusFormat.number(Math.round(pace.in())));
              return gain > 0.05 * pace.out()
                  ? rates
                      + ", so it takes about "
                      + StatusFormat.time(Duration.ofMillis((long) (1000 * facts.waiting() / gain)))
                      + " more"
                  : rates + ", so that does not get less";
            });
  }

  /** Returns words such as {@code 12 events wait, the oldest for 3.2 s}. */
  private String waits() {
    return StatusFormat.events(facts.waiting(), facts.isMore())
        + (facts.waiting() == 1 ? " waits" : " wait")
        + facts
            .oldest()
            .map(
                age ->
                    facts.waiting() == 1
                        ? " for " + StatusFormat.time(age)
                        : ", the oldest for " + StatusFormat.time(age))
            .orElse("");
  }
}
