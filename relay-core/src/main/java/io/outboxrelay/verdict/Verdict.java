package io.outboxrelay.verdict;

import io.outboxrelay.verdict.Evidence.Ailment;
import io.outboxrelay.verdict.Evidence.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the relay gets on, in one sentence: what was seen, and where something is to be done, what.
 *
 * <p>Says no more than the evidence does. What stands in the way of everything is told first, and
 * of several shards the worst; what only some events suffer from is added behind.
 */
public record Verdict(State state, Severity severity, String headline, String sentence) {
  /** An event that waits for longer has the relay count as behind. */
  public static final Duration BEHIND_AFTER = Duration.ofSeconds(5);

  /** Without a confirm for as long while events wait, it counts as stuck. */
  public static final Duration STUCK_AFTER = Duration.ofSeconds(10);

  /** A verdict that some events, destinations or aggregates change nothing about. */
  Verdict(State state, String sentence) {
    this(state, usual(state), state.words(), sentence);
  }

  private static Severity usual(State state) {
    return switch (state) {
      case STUCK -> Severity.STUCK;
      case BEHIND, PAUSED -> Severity.WARNING;
      case STARTING, DELIVERING, IDLE, STANDING_BY, STOPPING -> Severity.OK;
    };
  }

  private Verdict atLeast(Severity other) {
    return new Verdict(state, severity.orWorse(other), headline, sentence);
  }

  /** What the evidence amounts to. */
  public static Verdict of(Evidence evidence) {
    return wholly(evidence).orElseGet(() -> inParts(evidence));
  }

  /** What stands in the way of everything. */
  private static Optional<Verdict> wholly(Evidence evidence) {
    return Stream.<Optional<Verdict>>of(
            phase(evidence),
            evidence.lockWaits().stream().findFirst().map(Verdict::lock),
            evidence.database().map(Verdict::database),
            evidence.pause().map(Verdict::paused),
            nobody(evidence),
            standingBy(evidence))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<Verdict> phase(Evidence evidence) {
    if (evidence.phase() == Phase.STOPPING) {
      return verdict(
          State.STOPPING, "what is in flight is waited for, and noted; nothing more is read");
    }
    return evidence.phase() == Phase.STARTING ? Optional.of(starting(evidence)) : Optional.empty();
  }

  /** A start that lasts is an outage: of the database, or of the broker if events wait for it. */
  private static Verdict starting(Evidence evidence) {
    var database = evidence.database();
    if (database.filter(Verdict::isLasting).isPresent()) {
      return database(database.get());
    }
    boolean isLate = evidence.broker().filter(Verdict::isLasting).isPresent();
    var late =
        evidence.shards().stream()
            .filter(shard -> isLate && shard.isMine() && shard.waiting() > 0)
            .toList();
    if (!late.isEmpty()) {
      return withAsides(evidence, worst(evidence, late));
    }
    var waitsFor = Stream.of(database, evidence.broker()).flatMap(Optional::stream);
    String named = waitsFor.map(Ailment::what).collect(Collectors.joining("; "));
    return new Verdict(
            State.STARTING,
            named.isEmpty() ? "database or broker have not answered yet" : "not yet: " + named)
        .atLeast(isLate ? Severity.WARNING : Severity.OK);
  }

  private static boolean isLasting(Ailment ailment) {
    return ailment.age().compareTo(STUCK_AFTER) >= 0;
  }

  private static Verdict database(Ailment trouble) {
    return new Verdict(
        State.STUCK,
        "on the database, for %s: %s; nothing is published until that is mended, then it goes on"
                .formatted(Words.time(trouble.age()), trouble.what())
            + " by itself");
  }

  private static Verdict paused(Ailment pause) {
    return new Verdict(
        State.PAUSED,
        "for %s: %s; nothing is published until it is resumed"
            .formatted(Words.time(pause.age()), pause.what()));
  }

  private static Verdict lock(LockWait wait) {
    return new Verdict(
        State.STUCK,
        ("on a lock: pid %d%s has locked what the relay needs, for %s; it goes on when that"
                + " transaction ends, by itself or by select pg_terminate_backend(%d)")
            .formatted(
                wait.holder(),
                wait.application().isEmpty() ? "" : " (" + wait.application() + ")",
                Words.time(wait.age()),
                wait.holder()));
  }

  private static Optional<Verdict> nobody(Evidence evidence) {
    var without = evidence.shards().stream().filter(shard -> shard.leader().isEmpty()).toList();
    if (without.isEmpty()) {
      return Optional.empty();
    }
    String last =
        without.get(0).last().map(owner -> "the last one was " + owner).orElse("none ever did");
    String remedy =
        evidence.phase() == Phase.RUNNING
            ? "this relay tries to; if it lasts, its log says why it cannot"
            : "start a relay";
    long waiting = without.stream().mapToLong(ShardFacts::waiting).sum();
    return verdict(
        State.STUCK,
        "no relay leads %s; %s; %s; %s"
            .formatted(
                Words.shards(without),
                last,
                waiting == 0
                    ? "no event waits there"
                    : Words.events(waiting, without.stream().anyMatch(ShardFacts::isMore))
                        + (waiting == 1 ? " waits there" : " wait there"),
                remedy));
  }

  private static Optional<Verdict> standingBy(Evidence evidence) {
    boolean stands =
        evidence.phase() == Phase.RUNNING
            && evidence.shards().stream().noneMatch(ShardFacts::isMine);
    if (!stands) {
      return Optional.empty();
    }
    if (evidence.shards().isEmpty()) {
      return verdict(
          State.STANDING_BY, "for the relay that leads, which is not known at the moment");
    }
    var leaders =
        evidence.shards().stream()
            .flatMap(shard -> shard.leader().stream())
            .distinct()
            .collect(Collectors.joining(", "));
    return verdict(
        State.STANDING_BY,
        "for %s, which %s; takes over by itself when %s"
            .formatted(
                leaders,
                leaders.contains(", ")
                    ? "lead all shards"
                    : "leads " + Words.shards(evidence.shards()),
                leaders.contains(", ") ? "one of them ends" : "it ends"));
  }

  /** Of several shards, what the worst of them is in. */
  private static Verdict inParts(Evidence evidence) {
    var seen =
        evidence.shards().stream()
            .filter(shard -> evidence.phase() != Phase.RUNNING || shard.isMine())
            .toList();
    if (seen.isEmpty()) {
      return new Verdict(State.STARTING, "nothing is known of the shards yet");
    }
    return withAsides(evidence, worst(evidence, seen));
  }

  private static Verdict worst(Evidence evidence, List<ShardFacts> some) {
    return some.stream()
        .map(shard -> new Shard(shard, evidence, some.size() > 1).verdict())
        .max(Comparator.comparingInt(verdict -> severity(verdict.state)))
        .orElseThrow();
  }

  private static Verdict withAsides(Evidence evidence, Verdict worst) {
    var asides = asides(evidence, worst);
    String blocked = blocked(evidence);
    return new Verdict(
            worst.state,
            worst.severity.orWorse(areSomeHeldUp(evidence) ? Severity.WARNING : Severity.OK),
            worst.headline + (blocked.isEmpty() ? "" : "; " + blocked),
            worst.sentence)
        .with(asides);
  }

  /** Such as {@code 5 aggregates are blocked}; empty where none is. */
  private static String blocked(Evidence evidence) {
    return evidence.parked() == 0
        ? ""
        : Words.number(evidence.parked())
            + (evidence.parked() == 1 ? " aggregate is blocked" : " aggregates are blocked");
  }

  private static boolean areSomeHeldUp(Evidence evidence) {
    return evidence.parked() > 0 || !evidence.closed().isEmpty() || failsForLong(evidence);
  }

  private static boolean failsForLong(Evidence evidence) {
    return evidence
        .event()
        .filter(trouble -> trouble.age().compareTo(BEHIND_AFTER) > 0)
        .isPresent();
  }

  private static int severity(State state) {
    return switch (state) {
      case STUCK -> 3;
      case BEHIND -> 2;
      case DELIVERING -> 1;
      default -> 0;
    };
  }

  /** What some events suffer from, whatever becomes of the others. */
  private static List<String> asides(Evidence evidence, Verdict worst) {
    var asides = new ArrayList<String>();
    if (evidence.parked() > 0) {
      asides.add(blocked(evidence) + " behind a rejected event, see dead-letters list");
    }
    evidence.closed().entrySet().stream()
        .findFirst()
        .ifPresent(
            first ->
                asides.add(
                    "%s takes nothing%s and its events are set aside until it does: %s"
                        .formatted(
                            first.getKey(),
                            evidence.closed().size() == 1
                                ? ""
                                : ", nor do "
                                    + Words.number(evidence.closed().size() - 1)
                                    + " more",
                            first.getValue())));
    evidence.transactions().stream()
        .filter(open -> open.age().isPresent())
        .findFirst()
        .ifPresent(
            open ->
                asides.add(
                    "%s is open for %s: if it wrote events, these are published when it commits"
                        .formatted(open.named(), Words.time(open.age().orElseThrow()))));
    if (worst.state != State.STUCK && failsForLong(evidence)) {
      evidence
          .event()
          .ifPresent(
              trouble ->
                  asides.add(
                      "for %s an aggregate has waited for another try: %s"
                          .formatted(Words.time(trouble.age()), trouble.what())));
    }
    return asides;
  }

  /** The verdict with more clauses behind its sentence. */
  public Verdict with(List<String> clauses) {
    return clauses.isEmpty()
        ? this
        : new Verdict(state, severity, headline, sentence + "; " + String.join("; ", clauses));
  }

  private static Optional<Verdict> verdict(State state, String sentence) {
    return Optional.of(new Verdict(state, sentence));
  }

  /** As it is written in one line, such as {@code stuck: on the broker, for 12 s: …}. */
  @Override
  public String toString() {
    return headline + ": " + sentence;
  }
}
