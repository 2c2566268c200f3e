package io.outboxrelay.verdict;

import java.time.Duration;
import java.util.Optional;

/** How one shard gets on that somebody leads. */
final class Shard {
  private final ShardFacts facts;
  private final Evidence evidence;
  private final String prefix;

  /**
   * @param isNamed whether to say which shard it is
   */
  Shard(ShardFacts facts, Evidence evidence, boolean isNamed) {
    this.facts = facts;
    this.evidence = evidence;
    this.prefix = isNamed ? "shard " + facts.shard() + ": " : "";
  }

  Verdict verdict() {
    if (facts.waiting() == 0) {
      return idle();
    }
    var broker = evidence.broker();
    if (broker.isPresent()) {
      return new Verdict(
          State.STUCK,
          "on the broker, for %s, while %s: %s; it goes on by itself once the broker takes events"
              .formatted(Words.time(broker.get().age()), waits(), broker.get().what()));
    }
    if (isOlderThan(Verdict.BEHIND_AFTER)) {
      return isStanding() ? stuck() : behind();
    }
    return new Verdict(State.DELIVERING, prefix + waits());
  }

  private Verdict idle() {
    boolean isBusy =
        facts.quiet().isPresent() && facts.quiet().get().compareTo(Verdict.BEHIND_AFTER) < 0;
    return isBusy
        ? new Verdict(
            State.DELIVERING,
            prefix + "nothing waits, the last confirm was " + Words.time(quiet()) + " ago")
        : new Verdict(State.IDLE, prefix + "nothing that is committed waits");
  }

  private boolean isOlderThan(Duration age) {
    return facts.oldest().isPresent() && facts.oldest().get().compareTo(age) > 0;
  }

  private boolean isStanding() {
    return facts.quiet().isPresent()
        && quiet().compareTo(Verdict.STUCK_AFTER) > 0
        && isOlderThan(Verdict.STUCK_AFTER);
  }

  private Duration quiet() {
    return facts.quiet().orElse(Duration.ZERO);
  }

  private Verdict stuck() {
    String why =
        evidence
            .event()
            .map(
                trouble ->
                    "on an event, for %s, while %s: %s; it is tried again until it is published"
                        .formatted(Words.time(trouble.age()), waits(), trouble.what()))
            .orElseGet(
                () ->
                    ("on something that cannot be told from here: for %s nothing was confirmed, and"
                            + " %s; %s")
                        .formatted(Words.time(quiet()), waits(), whereToLook()));
    return new Verdict(State.STUCK, why);
  }

  private String whereToLook() {
    return facts
        .leader()
        .filter(leader -> !facts.isMine())
        .map(leader -> "the verdict and the log of " + leader + " know more")
        .orElse("the log says more, and so does the command check");
  }

  private Verdict behind() {
    return new Verdict(
        State.BEHIND, prefix + waits() + outlook().map(told -> "; " + told).orElse(""));
  }

  /** Where the backlog is headed, if that can be told. */
  private Optional<String> outlook() {
    return facts
        .pace()
        .map(
            pace -> {
              double gain = pace.out() - pace.in();
              String rates =
                  "%s a second are confirmed and %s written"
                      .formatted(
                          Words.number(Math.round(pace.out())),
                          Words.number(Math.round(pace.in())));
              return gain > 0.05 * pace.out()
                  ? rates
                      + ", so it takes about "
                      + Words.time(Duration.ofMillis((long) (1000 * facts.waiting() / gain)))
                      + " more"
                  : rates + ", so that does not get less";
            });
  }

  /** Such as {@code 12 events wait, the oldest for 3.2 s}. */
  private String waits() {
    return Words.events(facts.waiting(), facts.isMore())
        + (facts.waiting() == 1 ? " waits" : " wait")
        + facts
            .oldest()
            .map(
                age ->
                    facts.waiting() == 1
                        ? " for " + Words.time(age)
                        : ", the oldest for " + Words.time(age))
            .orElse("");
  }
}
