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
 * Knows which destinations take nothing for now, while others do.
 *
 * <pre>
 *   open ── an event of it fails for long, others confirm ──▶ closed ◀── fails ──┐
 *    ▲                                                        ▲   │ pause over   │
 *    │ a while later                            refuses more  │   └──▶ half open ┘
 *    └──────────────────────────────────────────────────── reopened ◀── confirms
 * </pre>
 *
 * <p>A closed destination's events are set aside, or they would fill what is read ahead, and hold
 * up all others. Where nothing is confirmed anywhere, none is closed: that is an outage of the
 * broker, and everything waits for its end. Only where all that is read ahead goes to those that
 * fail, nobody can tell: then a {@link OutageProbe} finds out. What counts is how long one event
 * has failed, whatever others for the same destination do: a full queue takes one now and then, as
 * somebody empties it. One that operators have paused is treated like a closed one, but is never
 * tried.
 *
 * <p>One for all partitions of a term; safe for all threads.
 */
public final class DestinationBreakers {
  private static final Logger LOG = LoggerFactory.getLogger(DestinationBreakers.class);

  /** How many destinations are remembered to have confirmed something. */
  private static final int WITNESSES = 100;

  /** How many closed destinations are named in the log, as there may be one for each aggregate. */
  private static final int NAMED = 10;

  /** How many failing destinations are reported. */
  private static final int REPORTED = 100;

  private static final long SECOND_NANOS = 1_000_000_000;

  /** How many destinations are tried again at a time. */
  private static final int TRIED = 16;

  private final Duration patience;
  private final Backoff backoff;
  private final LongSupplier nanoTime;

  /** A lost trial is repeated after twice the time, up to about an hour from the default. */
  private static final int MOST_DOUBLINGS = 11;

  /** Those that failed and were not closed for it; the one that did so last comes last. */
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
   * A destination that fails.
   *
   * @param since when the event that failed last did so first
   * @param last when that was
   */
  private record Doubt(long since, long last, String reason) {}

  /**
   * A destination that takes nothing.
   *
   * @param attempt 1 for the first pause
   * @param relapses how often in a row it was closed soon after it had been opened
   */
  private record Closing(String reason, int attempt, long retryAt, int relapses) {}

  /**
   * A destination that has just begun to take events again, and is closed once it has refused more
   * than it took.
   */
  private static final class Reopening {
    /** The end of the time in which that counts. */
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
   * What keeps events from being published again.
   *
   * @param closed destinations of which nothing is to be tried
   * @param halfOpen destinations of which one event is to be tried
   * @param paused patterns, for SQL's {@code like}, of destinations of which nothing is to be tried
   */
  public record Barriers(List<String> closed, List<String> halfOpen, List<String> paused) {
    public boolean areNone() {
      return closed.isEmpty() && halfOpen.isEmpty() && paused.isEmpty();
    }
  }

  /**
   * @param patience how long an event must have failed before its destination is closed
   * @param backoff how long it is left alone before it is tried again
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

  /** Has {@code onChange} called, on any thread, whenever a destination is closed or opened. */
  public synchronized void onChange(Runnable onChange) {
    this.onChange = onChange;
  }

  /**
   * Has events for those that operators have paused set aside from now on, and no others: what was
   * set aside for one that is paused no longer is published again.
   */
  public synchronized void pause(Pauses paused) {
    if (!pauses.equals(paused)) {
      pauses = paused;
      settle();
      onChange.run();
    }
  }

  /** Whether none is paused or has failed of late: then nobody need be told. */
  boolean isQuiet() {
    return quiet;
  }

  /** Whether events for it are to be set aside. */
  synchronized boolean isClosed(String destination) {
    var closing = closed.get(destination);
    return (closing != null && nanoTime.getAsLong() - closing.retryAt < 0 && !isLet(destination))
        || pauses.of(destination).isPresent();
  }

  private boolean isLet(String destination) {
    return trial != null && trial.lets(destination);
  }

  /** Whether it must be told what is handed over and rejected. */
  boolean areOnTrial() {
    return trial != null;
  }

  /** Takes note that an event for it is given to the publisher. */
  synchronized void handedOver(String destination) {
    if (trial != null) {
      trial.handedOver(destination);
    }
  }

  /** Takes note that an event for it was refused for good, which says nothing of other events. */
  synchronized void rejected(String destination) {
    if (trial != null) {
      trial.rejected(destination);
    }
  }

  /** Why it is closed, as a sentence. */
  synchronized String reason(String destination) {
    var pause = pauses.of(destination);
    if (pause.isPresent()) {
      return "its destination is " + pause.get().sentence() + ", and it is published once resumed";
    }
    var closing = closed.get(destination);
    return "its destination takes nothing for now, and it is published once that does"
        + (closing == null ? "" : ": " + closing.reason);
  }

  /** Takes note that an event for it was confirmed. */
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

  /** Ends a trial: something works. */
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
          // Those that still fail are closed again before long, by what the others confirm.
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
   * Takes note that an event for it has failed, and may be tried again.
   *
   * @param since when the same event failed first, by {@link System#nanoTime}
   */
  synchronized void failed(String destination, long since, String reason) {
    if (destination.isEmpty()) {
      // Nobody knows where it goes, so it says nothing of any place.
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

  /** What fails elsewhere as well is everybody's trouble. */
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
   * Whether some have failed for long and nobody has confirmed anything meanwhile: then it may be
   * worth a look whether others have events at all; see {@link #tryOthers}.
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
   * Whether nobody has confirmed anything for long while what is tried fails, of late too: who
   * waits for confirms may wait for as long as an outage lasts.
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
   * Sets aside events of those that fail until one of another destination comes, for which there
   * must be some to come.
   *
   * @param awaited destinations whose events come later
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

  /** It took some and refuses more: no further patience with it, and no line for each time. */
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

  /** What was long ago, and was not followed by a failure, says nothing of now. */
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

  /** All that are closed, each with the reason. */
  public synchronized Map<String, String> closed() {
    var reasons = new LinkedHashMap<String, String>();
    closed.forEach((destination, closing) -> reasons.put(destination, closing.reason));
    return reasons;
  }

  /**
   * Destinations that failed last and are not closed for it, and those that refuse events now and
   * then, each with the reason.
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

  /** What is not to be tried now, and what only once; those that are due take turns. */
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

  /** How long until one is to be tried again, at least one, or {@code most} where that is less. */
  public synchronized long millisToNextTry(long most) {
    long now = nanoTime.getAsLong();
    long next = most;
    for (var closing : closed.values()) {
      long wait = (closing.retryAt - now) / 1_000_000 + 1;
      // One that is due and was not tried had nothing in the dead letters yet.
      next = Math.min(next, wait > 0 ? wait : backoff.most().toMillis());
    }
    return Math.max(1, next);
  }
}
