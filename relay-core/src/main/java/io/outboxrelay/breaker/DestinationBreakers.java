package io.outboxrelay.breaker;

import io.outboxrelay.breaker.DestinationBreaker.Effect;
import io.outboxrelay.breaker.DestinationBreaker.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link DestinationBreaker}s of all destinations that are not healthy. A destination without
 * failures has no breaker here, so that the memory used does not depend on how many destinations
 * were ever seen.
 *
 * <p>Events for a destination with an open breaker are deferred, because they would fill the
 * read-ahead and hold up the events for all other destinations. If no event is confirmed at any
 * destination, no breaker opens, because the broker counts as unavailable; all events wait. If all
 * events in the read-ahead go to failing destinations, these two cases look alike. An {@link
 * OutageProbe} then finds out which case it is.
 *
 * <p>Safe for all threads.
 */
public final class DestinationBreakers {
  private static final Logger LOG = LoggerFactory.getLogger(DestinationBreakers.class);

  /**
   * While this many breakers are open, the changes of further breakers are not logged. There is a
   * limit because there may be a destination for each aggregate.
   */
  private static final int NAMED = 10;

  /** The highest number of failing destinations that {@link #failing} returns. */
  private static final int REPORTED = 100;

  /** The highest number of half-open destinations that are tried at the same time. */
  private static final int TRIED = 16;

  /** How long a half-open breaker is kept if none of the destination's events is left to try. */
  private static final Duration UNTRIED = Duration.ofMinutes(10);

  /**
   * The time between two searches for breakers that can be removed, if the patience is not shorter.
   */
  private static final Duration SWEEP = Duration.ofSeconds(1);

  /**
   * The pause after a lost probe doubles at most this often: to about an hour with the default of
   * {@code relay.defer-after}.
   */
  private static final int MOST_DOUBLINGS = 11;

  private final Duration patience;
  private final Backoff backoff;
  private final LongSupplier nanoTime;
  private final DestinationBreaker.Timing timing;

  /**
   * The breakers of the destinations that are not healthy, by destination. Half-open destinations
   * that were offered for a try move to the end.
   */
  private final Map<String, DestinationBreaker> breakers = new LinkedHashMap<>();

  private final RecentConfirms confirms = new RecentConfirms();
  private final long sweepNanos;
  private Runnable onChange = () -> {};
  private volatile boolean allHealthy = true;
  private volatile @Nullable OutageProbe probe;
  private int open;
  private int probesLost;
  private long noProbeBefore;
  private long lastConfirm;
  private long lastSweep;

  /**
   * @param patience how long an event must have failed before its destination's breaker opens
   * @param backoff the pause until an open breaker becomes half-open
   */
  public DestinationBreakers(Duration patience, Backoff backoff) {
    this(patience, backoff, System::nanoTime);
  }

  /**
   * Creates breakers with a clock, for tests.
   *
   * @param nanoTime like {@link System#nanoTime}
   */
  public DestinationBreakers(Duration patience, Backoff backoff, LongSupplier nanoTime) {
    this.patience = patience;
    this.backoff = backoff;
    this.nanoTime = nanoTime;
    this.timing =
        new DestinationBreaker.Timing(
            patience.toNanos(),
            attempt -> backoff.millis(attempt) * 1_000_000,
            rarePauses(backoff.upToMinutes(), patience),
            UNTRIED.plus(backoff.most().multipliedBy(2)).toNanos());
    this.sweepNanos = Math.min(patience.toNanos(), SWEEP.toNanos());
    this.noProbeBefore = nanoTime.getAsLong();
    this.lastConfirm = noProbeBefore;
    this.lastSweep = noProbeBefore;
  }

  /**
   * Returns the pauses in nanoseconds for a destination at which each attempt may leave a copy, by
   * the number of the attempt. The first pause is as long as the pause that the retries of a single
   * event have reached when the breaker opens.
   */
  private static IntToLongFunction rarePauses(Backoff rarely, Duration patience) {
    int first = rarely.attemptWithPause(patience);
    return attempt -> rarely.millis(first + attempt - 1) * 1_000_000;
  }

  /** Sets the action to call, on any thread, if a breaker opens or closes. */
  public synchronized void onChange(Runnable action) {
    onChange = action;
  }

  /**
   * Returns true if no destination has failed recently, so that the caller need not report
   * confirms. Takes no lock.
   */
  public boolean areAllHealthy() {
    return allHealthy;
  }

  /**
   * Returns true if the destination's breaker is open and no probe lets its events through, so that
   * they must be deferred.
   */
  public synchronized boolean isOpen(String destination) {
    var breaker = breakers.get(destination);
    return breaker != null
        && breaker.state(nanoTime.getAsLong()) == State.OPEN
        && !(probe != null && probe.letsThrough(destination));
  }

  /** Returns true while a probe runs, so that the caller must report hand-overs and rejections. */
  public boolean areProbed() {
    return probe != null;
  }

  /** Records that an event for the destination was handed to the publisher. */
  public synchronized void handedOver(String destination) {
    if (probe != null) {
      probe.handedOver(destination);
    }
  }

  /** Records that an event was rejected; the destination may still accept other events. */
  public synchronized void rejected(String destination) {
    if (probe != null) {
      probe.rejected(destination);
    }
  }

  /** Returns why events for the destination are deferred, as a sentence. */
  synchronized String reason(String destination) {
    var breaker = breakers.get(destination);
    return "the destination accepts nothing at the moment; to be published once it does"
        + (breaker == null || !breaker.isOpenOrHalfOpen() ? "" : ": " + breaker.reason());
  }

  /** Records that an event for the destination was confirmed. */
  public synchronized void confirmed(String destination) {
    long now = nanoTime.getAsLong();
    confirms.add(destination, now);
    endProbe(destination, now);
    var breaker = breakers.get(destination);
    if (breaker != null && breaker.confirmed(now) == Effect.CLOSED) {
      open--;
      if (breaker.relapses() == 0) {
        logThatItAcceptsEventsAgain(destination);
      }
      onChange.run();
    }
    sweep(now);
  }

  /** Ends the probe, if there is one, because an event for the destination was confirmed. */
  private void endProbe(String destination, long now) {
    lastConfirm = now;
    probesLost = 0;
    noProbeBefore = now;
    var ending = probe;
    probe = null;
    if (ending != null) {
      for (String suspect : ending.suspects()) {
        var breaker = breakers.get(suspect);
        if (breaker == null || !breaker.isOpenOrHalfOpen() || suspect.equals(destination)) {
          continue;
        }
        if (ending.isWonBy(destination)) {
          logThatItOpened(suspect, breaker.reason());
        } else {
          // If this destination still fails, its breaker soon opens again, because events for other
          // destinations are confirmed.
          breaker.closeAsUnproven(now);
          open--;
          onChange.run();
        }
      }
    }
  }

  /**
   * Records that an event for the destination failed and may be retried.
   *
   * @param since the first failure of the same event, by {@link System#nanoTime}
   */
  public synchronized void failed(String destination, long since, String reason) {
    failed(destination, since, reason, false);
  }

  /**
   * Records that an event for the destination failed and may be retried, but may leave one more
   * copy at the broker with each attempt. The pauses between the attempts therefore double up to
   * two minutes.
   *
   * @param since the first failure of the same event, by {@link System#nanoTime}
   */
  public synchronized void failedInPart(String destination, long since, String reason) {
    failed(destination, since, reason, true);
  }

  private void failed(String destination, long since, String reason, boolean mayLeaveCopies) {
    if (destination.isEmpty()) {
      // The failure of an event without a known destination counts for no destination.
      return;
    }
    confirms.remove(destination);
    long now = nanoTime.getAsLong();
    sweep(now);
    tellProbe(destination, now);
    var breaker = breakers.computeIfAbsent(destination, unknown -> new DestinationBreaker(timing));
    allHealthy = false;
    breaker.tryRarely(mayLeaveCopies);
    switch (breaker.failed(now, since, reason, confirms.areAnyAfter(since))) {
      case OPENED -> {
        logThatItOpened(destination, reason);
        opened();
      }
      case RELAPSED -> {
        logTheFirstRelapse(destination, breaker);
        opened();
      }
      case STAYED_OPEN -> onChange.run();
      case NONE, CLOSED -> {}
    }
  }

  private void opened() {
    open++;
    onChange.run();
  }

  /**
   * Passes the failure to the probe. If other destinations fail too, the broker counts as
   * unavailable.
   */
  private void tellProbe(String destination, long now) {
    var running = probe;
    if (running != null && !running.isLost()) {
      running.failed(destination);
      if (running.isLost()) {
        noProbeBefore = now + (patience.toNanos() << Math.min(++probesLost, MOST_DOUBLINGS));
        LOG.info(
            "{} fails as well, so no more events are deferred: this may be an outage of the broker",
            destination);
      }
    }
  }

  /**
   * Returns true if an event has failed for the whole patience and no event was confirmed for as
   * long, so that a probe may start. The caller should then look for events for other destinations,
   * see {@link #tryOthers}. Returns false while a probe runs and, after a lost probe, during a
   * pause.
   */
  public synchronized boolean standStill() {
    long now = nanoTime.getAsLong();
    return now - noProbeBefore >= 0
        && isSilent(now)
        && (probe == null ? haveFailedForLong(now) : probe.isLost());
  }

  private boolean haveFailedForLong(long now) {
    return breakers.values().stream().anyMatch(breaker -> breaker.hasFailedForLong(now));
  }

  /**
   * Returns true if no event was confirmed for the whole patience and attempts still fail. A caller
   * that waits for confirms would then wait until the outage ends.
   */
  public synchronized boolean acceptNothing() {
    long now = nanoTime.getAsLong();
    return isSilent(now) && (probe == null ? areTriedInVain(now) : probe.isLost());
  }

  private boolean isSilent(long now) {
    return now - lastConfirm >= patience.toNanos();
  }

  private boolean areTriedInVain(long now) {
    long atMostApart = patience.toNanos() + backoff.most().toNanos();
    return breakers.values().stream().anyMatch(breaker -> breaker.isTriedInVain(now, atMostApart));
  }

  /**
   * Starts a probe if {@link #standStill} is true and {@code awaited} contains a destination that
   * has not failed. The probe opens the breakers of all failing destinations, so that their events
   * are deferred and the events after them are read.
   *
   * @param awaited the destinations of events after the read-ahead, without paused destinations
   */
  synchronized void tryOthers(Collection<String> awaited) {
    if (!standStill()) {
      return;
    }
    var failing = new HashSet<String>();
    var known = new HashSet<String>();
    breakers.forEach(
        (destination, breaker) -> {
          if (breaker.isFailing()) {
            failing.add(destination);
          }
          if (breaker.isFailing() || breaker.isOpenOrHalfOpen()) {
            known.add(destination);
          }
        });
    var other =
        awaited.stream()
            .filter(destination -> !destination.isEmpty() && !known.contains(destination))
            .findAny();
    if (other.isPresent()) {
      LOG.info(
          "nothing was published for relay.defer-after, and events for {} wait behind events that"
              + " fail: these are deferred until that destination has been tried",
          other.get());
      var suspects = new HashSet<>(failing);
      if (probe != null) {
        suspects.addAll(probe.suspects());
      }
      probe = new OutageProbe(suspects, known);
      failing.forEach(this::openForProbe);
    }
  }

  private void openForProbe(String destination) {
    var breaker = Objects.requireNonNull(breakers.get(destination));
    breaker.open(nanoTime.getAsLong(), breaker.reason());
    opened();
  }

  private void logThatItOpened(String destination, String reason) {
    if (open < NAMED) {
      LOG.atWarn()
          .addKeyValue("destination", destination)
          .log(
              "{} accepts nothing while others do: its circuit breaker is open, and its events are"
                  + " deferred in the dead letters until it accepts events again: {}",
              destination,
              reason);
    }
  }

  private void logTheFirstRelapse(String destination, DestinationBreaker breaker) {
    if (breaker.relapses() == 1 && open < NAMED) {
      LOG.atWarn()
          .addKeyValue("destination", destination)
          .log(
              "{} accepts events only now and then: its circuit breaker opens again and again; the"
                  + " events that it refuses are deferred in the dead letters, and tried again: {}",
              destination,
              breaker.reason());
    }
  }

  private void logThatItAcceptsEventsAgain(String destination) {
    if (open < NAMED) {
      LOG.atInfo()
          .addKeyValue("destination", destination)
          .log(
              "{} accepts events again: its circuit breaker is closed, and the events deferred for"
                  + " it are published now",
              destination);
    }
  }

  /**
   * Removes the breakers of destinations that are healthy again, or for which no event is left to
   * try. Does so at most once in {@link #sweepNanos}.
   */
  private void sweep(long now) {
    if (now - lastSweep < sweepNanos) {
      return;
    }
    lastSweep = now;
    var all = breakers.entrySet().iterator();
    while (all.hasNext()) {
      var entry = all.next();
      var breaker = entry.getValue();
      if (breaker.settle(now)) {
        logThatItAcceptsEventsAgain(entry.getKey());
      }
      if (breaker.isHealthy()) {
        all.remove();
      } else if (breaker.isUntried(now)) {
        all.remove();
        open--;
        LOG.atInfo()
            .addKeyValue("destination", entry.getKey())
            .log(
                "no event for {} is left to try, so its circuit breaker is closed without a try",
                entry.getKey());
        onChange.run();
      }
    }
    allHealthy = breakers.isEmpty();
  }

  /** Returns the destinations with an open or half-open breaker, each with the reason. */
  public synchronized Map<String, String> open() {
    var reasons = new LinkedHashMap<String, String>();
    breakers.forEach(
        (destination, breaker) -> {
          if (breaker.isOpenOrHalfOpen()) {
            reasons.put(destination, breaker.reason());
          }
        });
    return reasons;
  }

  /**
   * Returns the destinations with a closed breaker that fail, each with the reason, at most {@value
   * #REPORTED}. A destination fails if its last outcome is a failure, or if it recovers and its
   * previous recovery has failed.
   */
  public synchronized Map<String, String> failing() {
    var reasons = new LinkedHashMap<String, String>();
    for (var entry : breakers.entrySet()) {
      var breaker = entry.getValue();
      if (reasons.size() == REPORTED) {
        break;
      }
      if (breaker.hasRelapsed()) {
        reasons.put(entry.getKey(), "it accepts events only now and then");
      } else if (breaker.hasFailedLast()) {
        reasons.put(entry.getKey(), breaker.reason());
      }
    }
    return reasons;
  }

  /**
   * Returns the destinations that must not be tried now, and those that may be tried with one
   * event. If more than {@value #TRIED} destinations are half-open, they take turns.
   *
   * @param mayBeTried false for destinations that operators have paused
   * @param paused patterns of the paused destinations
   */
  synchronized DestinationFilter filter(Predicate<String> mayBeTried, List<String> paused) {
    long now = nanoTime.getAsLong();
    sweep(now);
    var halfOpen = new ArrayList<String>();
    var shut = new ArrayList<String>();
    breakers.forEach(
        (destination, breaker) -> {
          boolean isTried =
              breaker.state(now) == State.HALF_OPEN
                  && halfOpen.size() < TRIED
                  && mayBeTried.test(destination);
          if (isTried) {
            halfOpen.add(destination);
          } else if (breaker.isOpenOrHalfOpen()) {
            shut.add(destination);
          }
        });
    for (var destination : halfOpen) {
      var breaker = Objects.requireNonNull(breakers.remove(destination));
      breaker.offer(now);
      breakers.put(destination, breaker);
    }
    return new DestinationFilter(shut, halfOpen, paused);
  }

  /**
   * Returns the time in milliseconds until the next open breaker becomes half-open, at least 1 and
   * at most {@code most}.
   */
  public synchronized long millisToNextTry(long most) {
    long now = nanoTime.getAsLong();
    long next = most;
    for (var breaker : breakers.values()) {
      if (breaker.isOpenOrHalfOpen()) {
        long wait = breaker.nanosToHalfOpen(now) / 1_000_000 + 1;
        // If a half-open destination was not tried, none of its events may be in the dead letters
        // yet, so it is enough to look again later.
        next = Math.min(next, wait > 0 ? wait : backoff.most().toMillis());
      }
    }
    return Math.max(1, next);
  }
}
