package io.outboxrelay.dispatch;

import io.outboxrelay.pause.Pauses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a circuit breaker for each destination: it is open while the destination accepts nothing
 * and other destinations do. In the names of this class, a <em>closed</em> destination is one with
 * an open breaker.
 *
 * <pre>
 *   breaker closed ── an event fails for long, others confirm ──▶ breaker open ◀── fails ──┐
 *    ▲                                                             ▲   │ pause over        │
 *    │ a while later                                  refuses more │   └──▶ half open ─────┤
 *    └───────────────────────────────────────────────────────── recovering ◀── confirms ───┘
 * </pre>
 *
 * <p>Events for a destination with an open breaker are deferred, because they would fill the
 * read-ahead and hold up all others. If nothing is confirmed anywhere, no breaker opens: the broker
 * is unavailable, and everything waits. If everything read ahead goes to failing destinations, the
 * two cases look alike, and an {@link OutageProbe} tells them apart.
 *
 * <p>The criterion is how long a single event has failed, not how the destination's other events
 * do, because a full queue may accept an event now and then while a consumer empties it. Events for
 * a destination that operators have paused are deferred too, but it is never tried.
 *
 * <p>One instance serves all partitions of a term. Safe for all threads.
 */
public final class DestinationBreakers {
  private static final Logger LOG = LoggerFactory.getLogger(DestinationBreakers.class);

  /** The number of destinations for which the time of the last confirm is kept. */
  private static final int WITNESSES = 100;

  /** The number of open breakers that are logged by name; there may be one for each aggregate. */
  private static final int NAMED = 10;

  /** The number of failing destinations that are reported. */
  private static final int REPORTED = 100;

  private static final long SECOND_NANOS = 1_000_000_000;

  /** The number of destinations that are half-open at the same time. */
  private static final int TRIED = 16;

  private final Duration patience;
  private final Backoff backoff;
  private final LongSupplier nanoTime;

  /**
   * The pause after a lost probe doubles up to this often, so to about an hour with the default.
   */
  private static final int MOST_DOUBLINGS = 11;

  /** Failing destinations with a closed breaker; the one that failed last comes last. */
  private final Map<String, Doubt> doubted = new LinkedHashMap<>();

  private final Map<String, Closing> closed = new LinkedHashMap<>();
  private final Map<String, Reopening> reopened = new LinkedHashMap<>();
  private final Map<String, Long> confirmed = new LinkedHashMap<>();
  private Runnable onChange = () -> {};
  private Pauses pauses = Pauses.NONE;
  private volatile boolean quiet = true;
  private volatile @Nullable OutageProbe trial;
  private int trialsLost;
  private long noTrialBefore;
  private long lastConfirm;

  /**
   * A destination that fails and has a closed breaker. Times are by {@link System#nanoTime}.
   *
   * @param since the first failure of the event that failed last
   * @param last the last failure
   */
  private record Doubt(long since, long last, String reason) {}

  /**
   * An open breaker.
   *
   * @param attempt 1 for the first pause
   * @param relapses how often in a row the breaker opened again soon after a recovery
   */
  private record Closing(String reason, int attempt, long retryAt, int relapses) {}

  /**
   * A recovering destination: it accepts events again. Its breaker opens again once it has refused
   * more events than it accepted.
   */
  private static final class Reopening {
    /** The end of the recovery, by {@link System#nanoTime}. */
    final long until;

    final int relapses;
    long taken = 1;
    long refused;

    Reopening(long until, int relapses) {
      this.until = until;
      this.relapses = relapses;
    }
  }

  /**
   * The destinations for which dead letters must not be redelivered now.
   *
   * @param closed destinations with an open breaker; none of their events may be tried
   * @param halfOpen destinations with a half-open breaker; one of their events may be tried
   * @param paused patterns, for SQL's {@code like}, of paused destinations; none may be tried
   */
  public record Barriers(List<String> closed, List<String> halfOpen, List<String> paused) {
    public boolean areNone() {
      return closed.isEmpty() && halfOpen.isEmpty() && paused.isEmpty();
    }
  }

  /**
   * @param patience how long an event must have failed before its destination's breaker opens
   * @param backoff the pause until an open breaker becomes half-open
   */
  public DestinationBreakers(Duration patience, Backoff backoff) {
    this(patience, backoff, System::nanoTime);
  }

  DestinationBreakers(Duration patience, Backoff backoff, LongSupplier nanoTime) {
    this.patience = patience;
    this.backoff = backoff;
    this.nanoTime = nanoTime;
    this.noTrialBefore = nanoTime.getAsLong();
    this.lastConfirm = noTrialBefore;
  }

  /** Sets the action to call, on any thread, if a breaker opens or closes or the pauses change. */
  public synchronized void onChange(Runnable onChange) {
    this.onChange = onChange;
  }

  /**
   * Replaces the set of paused destinations. Events for them are deferred from now on; events
   * deferred for a destination that is no longer paused may be redelivered.
   */
  public synchronized void pause(Pauses paused) {
    if (!pauses.equals(paused)) {
      pauses = paused;
      settle();
      onChange.run();
    }
  }

  /**
   * Returns true if no destination is paused or has failed recently, so that the caller need not
   * report confirms.
   */
  boolean isQuiet() {
    return quiet;
  }

  /** Returns true if events for the destination must be deferred. */
  synchronized boolean isClosed(String destination) {
    var closing = closed.get(destination);
    return (closing != null && nanoTime.getAsLong() - closing.retryAt < 0 && !isLet(destination))
        || pauses.of(destination).isPresent();
  }

  private boolean isLet(String destination) {
    return trial != null && trial.lets(destination);
  }

  /** Returns true while a probe runs, so that the caller must report hand-overs and rejections. */
  boolean areOnTrial() {
    return trial != null;
  }

  /** Records that an event for the destination was handed to the publisher. */
  synchronized void handedOver(String destination) {
    if (trial != null) {
      trial.handedOver(destination);
    }
  }

  /**
   * Records that an event was rejected, which says nothing about other events of its destination.
   */
  synchronized void rejected(String destination) {
    if (trial != null) {
      trial.rejected(destination);
    }
  }

  /** Returns why events for the destination are deferred, as a sentence. */
  synchronized String reason(String destination) {
    var pause = pauses.of(destination);
    if (pause.isPresent()) {
      return "its destination is " + pause.get().sentence() + ", and it is published once resumed";
    }
    var closing = closed.get(destination);
    return "its destination takes nothing for now, and it is published once that does"
        + (closing == null ? "" : ": " + closing.reason);
  }

  /** Records that an event for the destination was confirmed. */
  synchronized void confirmed(String destination) {
    long now = nanoTime.getAsLong();
    witnessed(destination, now);
    decide(destination, now);
    var closing = closed.remove(destination);
    if (closing != null) {
      reopened.put(destination, new Reopening(now + patience.toNanos(), closing.relapses));
      if (closing.relapses == 0) {
        logThatItTakesEventsAgain(destination);
      }
      onChange.run();
    } else {
      var reopening = reopened.get(destination);
      if (reopening != null) {
        reopening.taken++;
      }
    }
    forgetOld(now);
    settle();
  }

  /** Ends a probe, because something was confirmed. */
  private void decide(String destination, long now) {
    lastConfirm = now;
    trialsLost = 0;
    noTrialBefore = now;
    var ending = trial;
    trial = null;
    if (ending != null) {
      for (String accused : ending.closed()) {
        var closing = closed.get(accused);
        if (closing == null || accused.equals(destination)) {
          continue;
        }
        if (ending.isWonBy(destination)) {
          logThatItIsClosed(accused, closing.reason);
        } else {
          // If it still fails, the confirms of other destinations open its breaker again soon.
          closed.remove(accused);
          doubted.put(accused, new Doubt(now, now, closing.reason));
          onChange.run();
        }
      }
    }
  }

  private void logThatItTakesEventsAgain(String destination) {
    if (closed.size() < NAMED) {
      LOG.atInfo()
          .addKeyValue("destination", destination)
          .log("{} takes events again; those set aside for it are published now", destination);
    }
  }

  private void witnessed(String destination, long now) {
    confirmed.remove(destination);
    confirmed.put(destination, now);
    if (confirmed.size() > WITNESSES) {
      confirmed.remove(confirmed.keySet().iterator().next());
    }
  }

  private void settle() {
    quiet = doubted.isEmpty() && closed.isEmpty() && reopened.isEmpty() && !pauses.areOfSome();
  }

  /**
   * Records that an event for the destination failed and may be retried.
   *
   * @param since the first failure of the same event, by {@link System#nanoTime}
   */
  synchronized void failed(String destination, long since, String reason) {
    if (destination.isEmpty()) {
      // An event without a known destination says nothing about any destination.
      return;
    }
    quiet = false;
    confirmed.remove(destination);
    long now = nanoTime.getAsLong();
    forgetOld(now);
    lose(destination, now);
    var closing = closed.get(destination);
    var reopening = reopened.get(destination);
    if (closing != null) {
      if (now - closing.retryAt >= 0) {
        close(destination, reason, closing.attempt + 1, closing.relapses);
      }
    } else if (reopening != null && ++reopening.refused > reopening.taken) {
      relapse(destination, reason, reopening.relapses + 1);
    } else if (now - since >= patience.toNanos() && othersConfirmedAfter(since)) {
      logThatItIsClosed(destination, reason);
      close(destination, reason, 1, 0);
    } else {
      doubted.remove(destination);
      doubted.put(destination, new Doubt(since, now, reason));
    }
  }

  /**
   * Passes the failure to the probe. If other destinations fail too, the broker counts as
   * unavailable.
   */
  private void lose(String destination, long now) {
    var running = trial;
    if (running != null && !running.isLost()) {
      running.failed(destination);
      if (running.isLost()) {
        noTrialBefore = now + (patience.toNanos() << Math.min(++trialsLost, MOST_DOUBLINGS));
        LOG.info(
            "{} fails as well, so nothing more is set aside: this may be an outage of the broker",
            destination);
      }
    }
  }

  /**
   * Returns true if an event has failed for the whole patience and nothing was confirmed for as
   * long. The caller should then look for events of other destinations; see {@link #tryOthers}.
   */
  public synchronized boolean standStill() {
    long now = nanoTime.getAsLong();
    return now - noTrialBefore >= 0
        && isSilent(now)
        && (trial == null ? haveFailedForLong(now) : trial.isLost());
  }

  private boolean haveFailedForLong(long now) {
    return doubted.values().stream().anyMatch(doubt -> now - doubt.since >= patience.toNanos());
  }

  /**
   * Returns true if nothing was confirmed for the whole patience and tries still fail, so that
   * waiting for confirms may last as long as the outage.
   */
  public synchronized boolean takeNothing() {
    long now = nanoTime.getAsLong();
    return isSilent(now) && (trial == null ? isTriedInVain(now) : trial.isLost());
  }

  private boolean isSilent(long now) {
    return now - lastConfirm >= patience.toNanos();
  }

  private boolean isTriedInVain(long now) {
    long atMostApart = patience.toNanos() + backoff.most().toNanos();
    return doubted.values().stream()
        .anyMatch(
            doubt ->
                doubt.last - doubt.since >= patience.toNanos() && now - doubt.last <= atMostApart);
  }

  /**
   * Starts a probe if {@link #standStill} is true and {@code awaited} holds a destination that has
   * not failed and is not paused: opens the breakers of all failing destinations, so that the
   * reader gets to that destination's events.
   *
   * @param awaited destinations of events behind the read-ahead
   */
  public synchronized void tryOthers(Collection<String> awaited) {
    if (!standStill()) {
      return;
    }
    var known = new HashSet<>(closed.keySet());
    known.addAll(doubted.keySet());
    var other =
        awaited.stream()
            .filter(destination -> !destination.isEmpty() && !known.contains(destination))
            .filter(destination -> pauses.of(destination).isEmpty())
            .findAny();
    if (other.isPresent()) {
      LOG.info(
          "nothing was published for relay.defer-after, and events for {} wait behind: those that"
              + " fail are set aside until it has been tried",
          other.get());
      var accused = new HashSet<>(doubted.keySet());
      if (trial != null) {
        accused.addAll(trial.closed());
      }
      trial = new OutageProbe(accused, known);
      Map.copyOf(doubted).forEach((destination, doubt) -> close(destination, doubt.reason, 1, 0));
    }
  }

  private void logThatItIsClosed(String destination, String reason) {
    if (closed.size() < NAMED) {
      LOG.atWarn()
          .addKeyValue("destination", destination)
          .log(
              "{} takes nothing while others do; its events are set aside in the dead letters, and"
                  + " published once it does: {}",
              destination,
              reason);
    }
  }

  /**
   * Opens the breaker again without waiting for the patience, because the destination refused more
   * than it accepted. Only the first relapse is logged.
   */
  private void relapse(String destination, String reason, int relapses) {
    if (relapses == 1 && closed.size() < NAMED) {
      LOG.atWarn()
          .addKeyValue("destination", destination)
          .log(
              "{} takes events only now and then; those that it refuses are set aside in the dead"
                  + " letters meanwhile, and tried again: {}",
              destination,
              reason);
    }
    close(destination, reason, 1, relapses);
  }

  /** Removes failures that were not repeated for long, and recoveries that are over. */
  private void forgetOld(long now) {
    long old = Math.max(2 * patience.toNanos(), SECOND_NANOS);
    var failures = doubted.values().iterator();
    while (failures.hasNext() && now - failures.next().last > old) {
      failures.remove();
    }
    var openings = reopened.entrySet().iterator();
    while (openings.hasNext()) {
      var opening = openings.next();
      if (now - opening.getValue().until < 0) {
        break;
      }
      openings.remove();
      if (opening.getValue().relapses > 0) {
        logThatItTakesEventsAgain(opening.getKey());
      }
    }
  }

  private boolean othersConfirmedAfter(long since) {
    return confirmed.values().stream().anyMatch(when -> when - since > 0);
  }

  private void close(String destination, String reason, int attempt, int relapses) {
    long pause = backoff.millis(attempt) * 1_000_000;
    long retryAt = nanoTime.getAsLong() + pause;
    doubted.remove(destination);
    reopened.remove(destination);
    closed.put(destination, new Closing(reason, attempt, retryAt, relapses));
    onChange.run();
  }

  /** Returns the destinations with an open or half-open breaker, each with the reason. */
  public synchronized Map<String, String> closed() {
    var reasons = new LinkedHashMap<String, String>();
    closed.forEach((destination, closing) -> reasons.put(destination, closing.reason));
    return reasons;
  }

  /**
   * Returns the failing destinations with a closed breaker, and recovering ones that have relapsed,
   * each with the reason.
   */
  public synchronized Map<String, String> failing() {
    var reasons = new LinkedHashMap<String, String>();
    doubted.entrySet().stream()
        .limit(REPORTED)
        .forEach(doubt -> reasons.put(doubt.getKey(), doubt.getValue().reason));
    reopened.entrySet().stream()
        .filter(reopening -> reopening.getValue().relapses > 0)
        .limit(REPORTED)
        .forEach(reopening -> reasons.put(reopening.getKey(), "it takes events only now and then"));
    return reasons;
  }

  /**
   * Returns the destinations that must not be tried now, and those that may be tried with one
   * event. Destinations that are due take turns.
   */
  public synchronized Barriers barriers() {
    long now = nanoTime.getAsLong();
    var halfOpen =
        closed.keySet().stream()
            .filter(destination -> now - closing(destination).retryAt >= 0)
            .filter(destination -> pauses.of(destination).isEmpty())
            .limit(TRIED)
            .toList();
    var shut = new ArrayList<>(closed.keySet());
    shut.removeAll(halfOpen);
    for (var destination : halfOpen) {
      closed.put(destination, Objects.requireNonNull(closed.remove(destination)));
    }
    return new Barriers(shut, halfOpen, pauses.likePatterns());
  }

  private Closing closing(String destination) {
    return Objects.requireNonNull(closed.get(destination));
  }

  /**
   * Returns the time in milliseconds until an open breaker becomes half-open, from 1 to {@code
   * most}.
   */
  public synchronized long millisToNextTry(long most) {
    long now = nanoTime.getAsLong();
    long next = most;
    for (var closing : closed.values()) {
      long wait = (closing.retryAt - now) / 1_000_000 + 1;
      // A destination that is due and was not tried has no dead letter yet.
      next = Math.min(next, wait > 0 ? wait : backoff.most().toMillis());
    }
    return Math.max(1, next);
  }
}
