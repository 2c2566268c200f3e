package io.outboxrelay.health;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.publish.OutboxEvent;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The state of one partition: the last run of its event loop, the events in flight, and the
 * problems that keep it from publishing.
 *
 * <p>Written on the partition's event loop only, without locks; may be read on any thread.
 */
public final class PartitionHealth {
  /**
   * The time without an answer from the publisher after which events in flight count as a problem,
   * in nanoseconds. Brokers answer within milliseconds, and their clients report a longer silence
   * as a failure.
   */
  private static final long SILENCE_NANOS = 10_000_000_000L;

  private final AtomicLong inFlight = new AtomicLong();
  private final AtomicLong lastAnswered = new AtomicLong();
  private final AtomicLong lastConfirmed = new AtomicLong();
  private final AtomicLong busySince = new AtomicLong();
  private final AtomicLong lastTick = new AtomicLong();
  private volatile @Nullable OngoingProblem link;
  private volatile @Nullable OngoingProblem outage;
  private volatile @Nullable OngoingProblem event;
  private long troubledSeq;

  /** Records that the event loop runs; call it every second until {@link #rests}. */
  public void tick() {
    lastTick.setOpaque(System.nanoTime());
  }

  /** Records that the partition has stopped publishing. */
  public void rests() {
    lastTick.setOpaque(0);
    link = null;
  }

  /** Records a failed attempt to connect. */
  public void unreachable(String reason) {
    link = OngoingProblem.goOn(link, reason);
  }

  /** Records that the connection works. */
  public void reached() {
    link = null;
  }

  /**
   * Records that an event is handed to the publisher.
   *
   * @param nanos the {@link System#nanoTime} of the hand-over
   */
  public void leaves(long nanos) {
    if (inFlight() == 0) {
      busySince.setOpaque(nanos);
    }
    inFlight.setOpaque(inFlight() + 1);
  }

  /** Records that the publisher has finished one attempt, successfully or not. */
  public void lands() {
    inFlight.setOpaque(inFlight() - 1);
  }

  /**
   * Records that the publisher has confirmed an event.
   *
   * @param nanos the {@link System#nanoTime} of the confirm
   */
  public void confirmed(OutboxEvent confirmed, long nanos) {
    lastAnswered.setOpaque(nanos);
    lastConfirmed.setOpaque(nanos);
    settled(confirmed);
  }

  /** Records that an event has failed and will be tried again. */
  public void failed(OutboxEvent failed, String reason) {
    lastAnswered.setOpaque(System.nanoTime());
    if (event == null || failed.seq() == troubledSeq) {
      troubledSeq = failed.seq();
      event = OngoingProblem.goOn(event, failed + " was not published: " + reason);
    }
  }

  /**
   * Records that an event is not tried again by this partition, for example because it was
   * confirmed or went to the dead letters.
   */
  public void settled(OutboxEvent done) {
    if (event != null && done.seq() == troubledSeq) {
      event = null;
    }
  }

  /**
   * Records that every event that was tried recently has failed, so that the broker counts as down
   * for this partition.
   */
  public void fails() {
    var last = event;
    outage = OngoingProblem.goOn(outage, last == null ? "every try has failed" : last.what());
  }

  /** Records that not every event fails any more. */
  public void succeeds() {
    outage = null;
  }

  /** Forgets the events in flight, because the term that published them has ended. */
  public void forgets() {
    inFlight.setOpaque(0);
    outage = null;
    event = null;
  }

  /** Returns how many events the publisher has not answered yet. */
  public long inFlight() {
    return inFlight.getOpaque();
  }

  /** Returns the {@link System#nanoTime} of the last confirm; 0 if there was none. */
  long lastConfirmed() {
    return lastConfirmed.getOpaque();
  }

  boolean confirmedSince(OngoingProblem problem) {
    long last = lastConfirmed();
    return last != 0 && last - problem.sinceNanos() > 0;
  }

  /** Returns the {@link System#nanoTime} of the last tick; 0 if none is expected. */
  long lastTick() {
    return lastTick.getOpaque();
  }

  /** Returns the problem that prevents all publishing in this partition; null if none is known. */
  @Nullable OngoingProblem problem() {
    var seen = link != null ? link : outage;
    return seen != null ? seen : silence();
  }

  /**
   * Returns a problem if events are in flight and the publisher has reported neither a confirm nor
   * a failure for {@link #SILENCE_NANOS}; otherwise null.
   */
  private @Nullable OngoingProblem silence() {
    long since = Math.max(busySince.getOpaque(), lastAnswered.getOpaque());
    return inFlight() > 0 && System.nanoTime() - since > SILENCE_NANOS
        ? new OngoingProblem(
            CountFormat.of(inFlight(), "event is", "events are")
                + " with the broker, and it does not answer",
            since)
        : null;
  }

  /**
   * Returns the problem of one event that failed and is not published yet; null if there is none.
   */
  @Nullable OngoingProblem event() {
    return event;
  }
}
