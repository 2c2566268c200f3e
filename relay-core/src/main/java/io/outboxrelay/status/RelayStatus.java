package io.outboxrelay.status;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.format.ElapsedTimeFormat;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.status.StatusInputs.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The state of the relay in one sentence: the observed problem, and the remedy if there is one.
 *
 * <p>The sentence states only what the inputs show. If a problem stops everything, the sentence is
 * about that problem. Otherwise it is about the shard in the worst state, and clauses about
 * problems of single events, destinations or aggregates are appended.
 *
 * @param cause why nothing is delivered; present if and only if the state is {@link
 *     StatusCode#STUCK}
 */
public record RelayStatus(
    StatusCode state,
    Severity severity,
    Optional<StuckCause> cause,
    String headline,
    String sentence) {
  /** If an event waits for longer than this, the relay counts as behind. */
  public static final Duration BEHIND_AFTER = Duration.ofSeconds(5);

  /** If events wait and none is confirmed for longer than this, the relay counts as stuck. */
  public static final Duration STUCK_AFTER = Duration.ofSeconds(10);

  /** Creates a status with the usual severity and headline of its state. */
  RelayStatus(StatusCode state, String sentence) {
    this(state, usual(state), Optional.empty(), state.words(), sentence);
  }

  /** Creates the status of a relay that is stuck. */
  static RelayStatus stuck(StuckCause cause, String sentence) {
    return new RelayStatus(
        StatusCode.STUCK,
        usual(StatusCode.STUCK),
        Optional.of(cause),
        StatusCode.STUCK.words(),
        sentence);
  }

  private static Severity usual(StatusCode state) {
    return switch (state) {
      case STUCK -> Severity.STUCK;
      case BEHIND, PAUSED -> Severity.WARNING;
      case STARTING, DELIVERING, IDLE, STANDING_BY, STOPPING -> Severity.OK;
    };
  }

  private RelayStatus atLeast(Severity other) {
    return new RelayStatus(state, severity.orWorse(other), cause, headline, sentence);
  }

  /** Derives the status from the inputs. */
  public static RelayStatus of(StatusInputs evidence) {
    return wholly(evidence).orElseGet(() -> inParts(evidence));
  }

  /**
   * Returns the status for a problem or state that concerns all shards, or for shards without a
   * leader; empty if there is none.
   */
  private static Optional<RelayStatus> wholly(StatusInputs evidence) {
    return Stream.<Optional<RelayStatus>>of(
            phase(evidence),
            evidence.sessions().lockWaits().stream().findFirst().map(RelayStatus::lock),
            evidence.database().map(RelayStatus::database),
            evidence.undelivered().pauses().ofAll().map(RelayStatus::paused),
            withoutLeader(evidence),
            standingBy(evidence))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<RelayStatus> phase(StatusInputs evidence) {
    if (evidence.phase() == Phase.STOPPING) {
      return verdict(
          StatusCode.STOPPING,
          "no more events are read; the relay waits for the confirms of the events in flight");
    }
    return evidence.phase() == Phase.STARTING ? Optional.of(starting(evidence)) : Optional.empty();
  }

  /**
   * Returns the status of a relay that has not connected to everything yet. If connecting takes
   * long, the status is an outage of the database or, if events wait, of the broker.
   */
  private static RelayStatus starting(StatusInputs evidence) {
    var database = evidence.database();
    if (database.filter(RelayStatus::isLasting).isPresent()) {
      return database(database.get());
    }
    boolean isLate = evidence.problems().broker().filter(RelayStatus::isLasting).isPresent();
    var late =
        evidence.shards().stream()
            .filter(shard -> isLate && shard.isMine() && shard.waiting().count() > 0)
            .toList();
    if (!late.isEmpty()) {
      return withAsides(evidence, worst(evidence, late));
    }
    var waitsFor = Stream.of(database, evidence.problems().broker()).flatMap(Optional::stream);
    String named = waitsFor.map(OngoingProblem.Observed::what).collect(Collectors.joining("; "));
    return new RelayStatus(
            StatusCode.STARTING,
            named.isEmpty() ? "database or broker have not answered yet" : "not yet: " + named)
        .atLeast(isLate ? Severity.WARNING : Severity.OK);
  }

  private static boolean isLasting(OngoingProblem.Observed problem) {
    return problem.age().compareTo(STUCK_AFTER) >= 0;
  }

  private static RelayStatus database(OngoingProblem.Observed trouble) {
    return stuck(
        StuckCause.DATABASE,
        "on the database, for %s: %s; the affected shards publish nothing until that is corrected,"
                .formatted(ElapsedTimeFormat.of(trouble.age()), trouble.what())
            + " then the relay goes on by itself");
  }

  private static RelayStatus paused(OngoingProblem.Observed pause) {
    return new RelayStatus(
        StatusCode.PAUSED,
        "for %s: %s; nothing is published until it is resumed"
            .formatted(ElapsedTimeFormat.of(pause.age()), pause.what()));
  }

  private static RelayStatus lock(LockWait wait) {
    return stuck(
        StuckCause.LOCK,
        ("on a lock: pid %d%s has locked what the relay needs, for %s; the relay goes on when that"
                + " transaction ends, by itself or by select pg_terminate_backend(%d)")
            .formatted(
                wait.holder(),
                wait.application().isEmpty() ? "" : " (" + wait.application() + ")",
                ElapsedTimeFormat.of(wait.age()),
                wait.holder()));
  }

  private static Optional<RelayStatus> withoutLeader(StatusInputs evidence) {
    var without = evidence.shards().stream().filter(shard -> shard.leader().isEmpty()).toList();
    if (without.isEmpty()) {
      return Optional.empty();
    }
    String last =
        without
            .get(0)
            .leadership()
            .last()
            .map(owner -> "the last one was " + owner)
            .orElse("none ever did");
    String remedy = remedy(evidence, without);
    long waiting = without.stream().mapToLong(shard -> shard.waiting().count()).sum();
    return Optional.of(
        stuck(
            StuckCause.NO_LEADER,
            "no relay leads %s; %s; %s; %s"
                .formatted(
                    StatusFormat.shards(without),
                    last,
                    waiting == 0
                        ? "no event waits there"
                        : StatusFormat.waiting(
                                waiting,
                                without.stream().anyMatch(shard -> shard.waiting().isMore()))
                            + " there",
                    remedy)));
  }

  /**
   * Returns the remedy for shards without a leader. If a session that is not a relay holds the lock
   * of such a shard, the remedy is about that session, because starting a relay would not help.
   */
  private static String remedy(StatusInputs evidence, List<ShardObservation> without) {
    var holder =
        evidence.sessions().foreignLocks().stream()
            .filter(
                lock ->
                    without.stream()
                        .anyMatch(
                            shard -> lock.shard().filter(of -> of == shard.shard()).isPresent()))
            .findFirst();
    if (holder.isPresent()) {
      return holder.get().sentence() + ": " + holder.get().remedy();
    }
    return evidence.phase() == Phase.RUNNING
        ? "this relay tries to lead; if that lasts, see its log for the reason"
        : "start a relay";
  }

  private static Optional<RelayStatus> standingBy(StatusInputs evidence) {
    boolean stands =
        evidence.phase() == Phase.RUNNING
            && evidence.shards().stream().noneMatch(ShardObservation::isMine);
    if (!stands) {
      return Optional.empty();
    }
    if (evidence.shards().isEmpty()) {
      return verdict(
          StatusCode.STANDING_BY, "for the relay that leads, which is not known at the moment");
    }
    var leaders =
        evidence.shards().stream()
            .flatMap(shard -> shard.leader().stream())
            .distinct()
            .collect(Collectors.joining(", "));
    return verdict(
        StatusCode.STANDING_BY,
        "for %s, which %s; takes over by itself when %s"
            .formatted(
                leaders,
                leaders.contains(", ")
                    ? "lead all shards"
                    : "leads " + StatusFormat.shards(evidence.shards()),
                leaders.contains(", ") ? "one of them ends" : "it ends"));
  }

  /** Returns the status of the shard in the worst state, with the other problems appended. */
  private static RelayStatus inParts(StatusInputs evidence) {
    var seen =
        evidence.shards().stream()
            .filter(shard -> evidence.phase() != Phase.RUNNING || shard.isMine())
            .toList();
    if (seen.isEmpty()) {
      return new RelayStatus(StatusCode.STARTING, "nothing is known of the shards yet");
    }
    return withAsides(evidence, worst(evidence, seen));
  }

  private static RelayStatus worst(StatusInputs evidence, List<ShardObservation> some) {
    return some.stream()
        .map(shard -> new ShardAssessment(shard, evidence, some.size() > 1).verdict())
        .max(Comparator.comparingInt(verdict -> severity(verdict.state)))
        .orElseThrow();
  }

  private static RelayStatus withAsides(StatusInputs evidence, RelayStatus worst) {
    var asides = asides(evidence, worst);
    String blocked = blocked(evidence);
    String paused = pausedInPart(evidence);
    return new RelayStatus(
            worst.state,
            worst.severity.orWorse(areSomeHeldUp(evidence) ? Severity.WARNING : Severity.OK),
            worst.cause,
            worst.headline
                + (blocked.isEmpty() ? "" : "; " + blocked)
                + (paused.isEmpty() ? "" : "; " + paused)
                + (evidence.undelivered().differences().losing() == 0
                    ? ""
                    : "; events may never have been published"),
            worst.sentence)
        .with(asides);
  }

  /** Returns words such as {@code 5 aggregates are blocked}; empty if no aggregate is blocked. */
  private static String blocked(StatusInputs evidence) {
    return evidence.undelivered().parked() == 0
        ? ""
        : CountFormat.of(
            evidence.undelivered().parked(), "aggregate is blocked", "aggregates are blocked");
  }

  /** Returns words such as {@code order.events is paused}; empty if no destination is paused. */
  private static String pausedInPart(StatusInputs evidence) {
    var paused = evidence.undelivered().pauses().ofSome().keySet();
    return paused.size() > 1
        ? CountFormat.of(paused.size(), "pause") + " of destinations are in force"
        : paused.stream().map(destination -> destination + " is paused").findFirst().orElse("");
  }

  private static boolean areSomeHeldUp(StatusInputs evidence) {
    return !evidence.undelivered().differences().isEmpty()
        || evidence.undelivered().parked() > 0
        || !evidence.problems().openBreakers().isEmpty()
        || !evidence.undelivered().pauses().ofSome().isEmpty()
        || failsForLong(evidence);
  }

  private static boolean failsForLong(StatusInputs evidence) {
    return evidence
        .problems()
        .event()
        .filter(trouble -> trouble.age().compareTo(BEHIND_AFTER) > 0)
        .isPresent();
  }

  private static int severity(StatusCode state) {
    return switch (state) {
      case STUCK -> 3;
      case BEHIND -> 2;
      case DELIVERING -> 1;
      default -> 0;
    };
  }

  /** Returns clauses about the problems of single events, destinations and aggregates. */
  private static List<String> asides(StatusInputs evidence, RelayStatus worst) {
    var asides = new ArrayList<String>();
    evidence.undelivered().differences().clause().ifPresent(asides::add);
    if (evidence.undelivered().parked() > 0) {
      asides.add(blocked(evidence) + " behind a rejected event, see dead-letters list");
    }
    evidence
        .undelivered()
        .pauses()
        .ofSome()
        .forEach(
            (destination, paused) ->
                asides.add(
                    "%s is %s: its events are deferred until it is resumed"
                        .formatted(destination, paused)));
    evidence.problems().openBreakers().entrySet().stream()
        .findFirst()
        .ifPresent(
            first ->
                asides.add(
                    "%s accepts nothing%s and its events are deferred until it does: %s"
                        .formatted(
                            first.getKey(),
                            evidence.problems().openBreakers().size() == 1
                                ? ""
                                : ", nor do "
                                    + CountFormat.of(evidence.problems().openBreakers().size() - 1)
                                    + " more",
                            first.getValue())));
    evidence.sessions().transactions().stream()
        .filter(open -> open.age().isPresent())
        .findFirst()
        .ifPresent(
            open ->
                asides.add(
                    "%s is open for %s: if it wrote events, these are published when it commits"
                        .formatted(open.named(), ElapsedTimeFormat.of(open.age().orElseThrow()))));
    if (worst.state != StatusCode.STUCK && failsForLong(evidence)) {
      evidence
          .problems()
          .event()
          .ifPresent(
              trouble ->
                  asides.add(
                      "for %s an aggregate has waited for another try: %s"
                          .formatted(ElapsedTimeFormat.of(trouble.age()), trouble.what())));
    }
    return asides;
  }

  /** Returns this status with clauses appended to its sentence. */
  public RelayStatus with(List<String> clauses) {
    return clauses.isEmpty()
        ? this
        : new RelayStatus(
            state, severity, cause, headline, sentence + "; " + String.join("; ", clauses));
  }

  private static Optional<RelayStatus> verdict(StatusCode state, String sentence) {
    return Optional.of(new RelayStatus(state, sentence));
  }

  /** Returns the status in one line, such as {@code stuck: on the broker, for 12 s: …}. */
  @Override
  public String toString() {
    return headline + ": " + sentence;
  }
}
