package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.deadletter.RedeliveryFailure;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Claims on {@link SimulatedDeadLetters}; each statement takes effect when the test calls {@code
 * act}.
 */
final class SimulatedDeadLetterClaims implements DeadLetterClaims {
  private static final Set<String> TAKEN = Set.of("requested", "in_progress");

  private final SimulatedDeadLetters deadLetters;
  private final Map<Long, OutboxEvent> events;
  private final int pageSize;
  private final Map<Long, String> progress = new HashMap<>();
  private final Set<Long> tried = new HashSet<>();
  private final ArrayDeque<Step<?>> underWay = new ArrayDeque<>();

  private record Step<T>(Supplier<T> effect, Promise<T> answer) {
    void carryOut() {
      answer.complete(effect.get());
    }

    void interrupt(boolean late) {
      var lost = late ? effect.get() : null;
      answer.fail("the connection was lost with " + lost);
    }
  }

  SimulatedDeadLetterClaims(
      SimulatedDeadLetters deadLetters, Map<Long, OutboxEvent> events, int pageSize) {
    this.deadLetters = deadLetters;
    this.events = events;
    this.pageSize = pageSize;
  }

  boolean isWorking() {
    return !underWay.isEmpty();
  }

  void act() {
    underWay.remove().carryOut();
  }

  /** Fails the next statement, before or after it took effect. */
  void interrupt(boolean late) {
    underWay.remove().interrupt(late);
  }

  /** Drops the statements under way, and so their answers. */
  void crash() {
    underWay.clear();
  }

  @Override
  public Future<Page> next(String aggregateId, List<Long> settled, long after) {
    return step(
        () -> {
          settled.forEach(seq -> progress.put(seq, "done"));
          ofAggregate(aggregateId)
              .filter(this::isDiscarded)
              .toList()
              .forEach(seq -> progress.put(seq, "done"));
          var all = waiting(aggregateId).stream().filter(seq -> seq > after).toList();
          var taken = all.stream().limit(pageSize).toList();
          taken.forEach(seq -> progress.put(seq, "in_progress"));
          return new Page(taken.stream().map(this::deadLetter).toList(), all.size() > taken.size());
        });
  }

  @Override
  public Future<List<DeadLetter>> take(List<Long> seqs) {
    throw new UnsupportedOperationException("only parked dead letters are simulated");
  }

  @Override
  public Future<Void> settle(List<Long> settled) {
    return step(
        () -> {
          settled.forEach(seq -> progress.put(seq, "done"));
          return null;
        });
  }

  @Override
  public Future<Void> giveBack(
      String aggregateId, List<Long> settled, RedeliveryFailure redeliveryFailure) {
    return step(
        () -> {
          ofAggregate(aggregateId).filter(this::isTaken).toList().forEach(this::giveBack);
          settled.forEach(seq -> progress.put(seq, "done"));
          if (redeliveryFailure.rejected()) {
            tried.add(redeliveryFailure.seq());
          } else {
            progress.put(redeliveryFailure.seq(), "requested");
          }
          return null;
        });
  }

  private void giveBack(long seq) {
    progress.put(seq, "");
  }

  /**
   * Returns the state of the redelivery of a dead letter. Until it changes, it is the state with
   * which the dead letter was written.
   */
  private String progress(long seq) {
    boolean asked = Objects.requireNonNull(deadLetters.stored().get(seq)).asked();
    return progress.getOrDefault(seq, asked ? "requested" : "");
  }

  private <T> Future<T> step(Supplier<T> effect) {
    Promise<T> answer = Promise.promise();
    underWay.add(new Step<>(effect, answer));
    return answer.future();
  }

  private DeadLetter deadLetter(long seq) {
    return new DeadLetter(event(seq), null);
  }

  private OutboxEvent event(long seq) {
    return Objects.requireNonNull(events.get(seq));
  }

  private boolean isWaiting(long seq) {
    return progress(seq).isEmpty() || isTaken(seq);
  }

  private boolean isTaken(long seq) {
    return TAKEN.contains(progress(seq));
  }

  private Stream<Long> ofAggregate(String aggregateId) {
    return deadLetters.stored().keySet().stream()
        .filter(seq -> event(seq).aggregateId().equals(aggregateId))
        .sorted();
  }

  /** Returns the dead letters of an aggregate that are still to be sent, in order. */
  List<Long> waiting(String aggregateId) {
    return ofAggregate(aggregateId).filter(this::isWaiting).toList();
  }

  Set<String> parked() {
    return deadLetters.stored().keySet().stream()
        .filter(this::isWaiting)
        .map(seq -> event(seq).aggregateId())
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** Returns the aggregates that a look at the table finds to redeliver. */
  Set<String> toDo() {
    return deadLetters.stored().keySet().stream()
        .filter(seq -> isTaken(seq) || (isDiscarded(seq) && isFree(event(seq).aggregateId())))
        .map(seq -> event(seq).aggregateId())
        .collect(Collectors.toCollection(HashSet::new));
  }

  boolean isDiscarded(long seq) {
    return "discarded".equals(progress(seq));
  }

  private boolean isFree(String aggregateId) {
    var waiting = waiting(aggregateId);
    return waiting.isEmpty() || isUntried(waiting.get(0));
  }

  /** Returns true if the list of dead letters shows this event by itself, because it was tried. */
  boolean isListed(long seq) {
    return !isUntried(seq);
  }

  /**
   * Requests redelivery of the events that wait behind one that no longer exists, as at the
   * beginning of a term.
   */
  void askForForgotten() {
    for (String aggregateId : parked()) {
      var waiting = waiting(aggregateId);
      boolean forgotten =
          ofAggregate(aggregateId).noneMatch(this::isDiscarded)
              && waiting.stream().allMatch(seq -> isUntried(seq) && progress(seq).isEmpty());
      if (forgotten) {
        progress.put(waiting.get(0), "requested");
      }
    }
  }

  private boolean isUntried(long seq) {
    var deadLetter = Objects.requireNonNull(deadLetters.stored().get(seq));
    return !tried.contains(seq) && (deadLetter.asked() || deadLetter.reason().startsWith("waits"));
  }

  /**
   * Applies a command to a dead letter that no redelivery has claimed; returns true if it was
   * applied.
   */
  boolean ask(long seq, String what) {
    boolean free = progress(seq).isEmpty();
    if (free) {
      progress.put(seq, what);
    }
    return free;
  }
}
