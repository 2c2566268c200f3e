package io.outboxrelay.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.outboxrelay.health.ShardHealth;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts the work for one shard, and exports its state from {@link ShardHealth}.
 *
 * <p>Written on the shard's event loop only, and read on any thread. Metrics that have a value only
 * for the leader are exported only while this relay leads the shard.
 */
public final class ShardMetrics {
  private final MeterRegistry registry;
  private final ShardHealth health;
  private final String shard;
  private final List<Meter> always = new ArrayList<>();
  private final List<Meter> whileLeading = new ArrayList<>();

  private final SingleWriterCounter read = new SingleWriterCounter();
  private final SingleWriterCounter pages = new SingleWriterCounter();
  private final SingleWriterCounter windows = new SingleWriterCounter();
  private final SingleWriterCounter rescans = new SingleWriterCounter();
  private final SingleWriterCounter checkpoints = new SingleWriterCounter();
  private final SingleWriterCounter fullNanos = new SingleWriterCounter();
  private final SingleWriterCounter fullSince = new SingleWriterCounter();
  private final SingleWriterCounter fences = new SingleWriterCounter();
  private final SingleWriterCounter rescanned = new SingleWriterCounter();
  private final SingleWriterCounter heldSince = new SingleWriterCounter();
  private final SingleWriterCounter heard = new SingleWriterCounter();
  private final SingleWriterCounter proofs = new SingleWriterCounter();
  private final SingleWriterCounter missed = new SingleWriterCounter();
  private final SingleWriterCounter deleted = new SingleWriterCounter();
  private final SingleWriterCounter cleanUpFailures = new SingleWriterCounter();
  private final SingleWriterCounter lastCleanUp = new SingleWriterCounter();
  private final SingleWriterCounter epoch = new SingleWriterCounter();
  private volatile @Nullable BacklogGauges backlog;

  ShardMetrics(MeterRegistry registry, int shard, ShardHealth health) {
    this.registry = registry;
    this.health = health;
    this.shard = Integer.toString(shard);
    count("events.read", "Events read from the outbox", read);
    count("pages.read", "Pages read from the outbox, also empty ones", pages);
    count("windows.opened", "Windows opened: looks for new events", windows);
    count(
        "rescans",
        "Windows that began below the highest event read, because a transaction committed late",
        rescans);
    count("checkpoints.written", "Checkpoints written", checkpoints);
    count(
        "listener.notifications",
        "Notifications received, including the relay's self-tests",
        heard);
    count(
        "listener.self.tests",
        "Self-tests: times the relay notified itself to prove that notifications arrive",
        proofs);
    count(
        "listener.missed.notifications",
        "Times the fallback poll found events although notifications seemed to arrive",
        missed);
    count("events.deleted", "Events deleted by the clean-up", deleted);
    count("cleanup.failures", "Clean-ups that failed", cleanUpFailures);
    always.add(
        FunctionCounter.builder("outbox.read.ahead.full", fullNanos, nanos -> nanos.value() / 1e9)
            .description("Time in which nothing was read because too many events were unconfirmed")
            .baseUnit("seconds")
            .tag("shard", this.shard)
            .register(registry));
    always.add(sourceChanges("log", "ready"));
    always.add(
        gauge(
            "shard.leading",
            "1 if this relay leads the shard",
            null,
            health,
            state -> state.isLeading() ? 1 : 0));
    always.add(
        gauge("shard.epoch", "The epoch of this relay's latest term of the shard", null, epoch));
  }

  /** Records that a page was read. */
  public void pageRead(int events) {
    pages.increment();
    read.add(events);
  }

  /**
   * Records that a window was opened.
   *
   * @param rescan true if the window begins below the events that were read already
   */
  public void windowOpened(boolean rescan) {
    windows.increment();
    if (rescan) {
      rescans.increment();
    }
  }

  /**
   * Records that a window was closed.
   *
   * @param kept the number of fences that are kept
   * @param span the number of sequence numbers that the reader would scan again if a transaction
   *     committed late
   * @param isHeld true if the oldest transaction that ran at the previous window is still running,
   *     so that no fence since then can be dropped
   */
  public void windowClosed(int kept, long span, boolean isHeld) {
    fences.set(kept);
    rescanned.set(span);
    if (!isHeld) {
      heldSince.set(0);
    } else if (heldSince.value() == 0) {
      heldSince.set(System.nanoTime());
    }
  }

  /** Records if reading waits because too many events are not confirmed. */
  public void full(boolean isFull) {
    countFull();
    if (!isFull) {
      fullSince.set(0);
    } else if (fullSince.value() == 0) {
      fullSince.set(System.nanoTime());
    }
  }

  /**
   * Adds the time of a wait that is still going on to the counter of such waits; call it every
   * second.
   */
  public void tick() {
    countFull();
  }

  /**
   * Adds the time since the last call to the counter of waits. The counter of a long wait therefore
   * grows evenly instead of jumping at its end.
   */
  private void countFull() {
    long since = fullSince.value();
    if (since != 0) {
      long now = System.nanoTime();
      fullNanos.add(now - since);
      fullSince.set(now);
    }
  }

  /**
   * Counts a change of the source of events.
   *
   * @param to {@code log} or {@code table}
   * @param reason the kind of reason, as a label
   */
  public void sourceChanged(String to, String reason) {
    sourceChanges(to, reason).increment();
  }

  private Counter sourceChanges(String to, String reason) {
    return Counter.builder("outbox.source.changes")
        .description("Changes of the source from which events are read, by the reason")
        .tag("shard", shard)
        .tag("to", to)
        .tag("reason", reason)
        .register(registry);
  }

  public void checkpointWritten() {
    checkpoints.increment();
  }

  public void bellHeard() {
    heard.increment();
  }

  public void bellProven() {
    proofs.increment();
  }

  public void bellMissed() {
    missed.increment();
  }

  /** Records how many events the clean-up has deleted. */
  public void cleanedUp(long events) {
    deleted.add(events);
    lastCleanUp.set(System.currentTimeMillis());
  }

  public void cleanUpFailed() {
    cleanUpFailures.increment();
  }

  /** Starts to export the metrics that have a value only for the leader. */
  public synchronized void leads(long newEpoch) {
    epoch.set(newEpoch);
    if (whileLeading.isEmpty()) {
      registerLeading();
    }
  }

  /** Stops exporting the metrics that have a value only for the leader. */
  public synchronized void ends() {
    backlog = null;
    countFull();
    fullSince.set(0);
    heldSince.set(0);
    whileLeading.forEach(registry::remove);
    whileLeading.clear();
  }

  /** Sets the counted backlog. */
  public synchronized void counted(BacklogGauges now) {
    if (!whileLeading.isEmpty()) {
      boolean isFirst = backlog == null;
      backlog = now;
      if (isFirst) {
        registerBacklog();
      }
    }
  }

  void remove() {
    ends();
    always.forEach(registry::remove);
  }

  private void registerLeading() {
    ofState(
        "read.ahead.events",
        "Events read and not yet confirmed",
        null,
        ShardHealth::readAheadEvents);
    ofState(
        "read.ahead.bytes",
        "The memory of the events read and not yet confirmed, roughly",
        "bytes",
        ShardHealth::readAheadBytes);
    leading("fences", "Fences remembered for transactions that are still running", null, fences);
    leading(
        "fences.span",
        "Sequence numbers to look at again when the oldest running transaction commits",
        null,
        rescanned);
    leading(
        "fences.held",
        "The time for which the oldest running transaction has held the fences, since it was noticed",
        "seconds",
        all -> all.heldSince.value() == 0 ? 0 : secondsSince(all.heldSince.value()));
    ofState(
        "source.log",
        "1 if events are read from the write-ahead log, 0 if from the table",
        null,
        state -> state.source().isLog() ? 1 : 0);
    ofState(
        "listener.down",
        "1 if notifications should arrive and do not: the relay polls",
        null,
        state -> state.isDeaf() ? 1 : 0);
    ofState("parked.aggregates", "Aggregates that are parked", null, ShardHealth::parked);
    ofState(
        "destination.breakers.open",
        "Destinations with an open circuit breaker: they accept nothing while others do",
        null,
        state -> state.openBreakers().size());
    leading(
        "cleanup.last.success.timestamp",
        "The time of the last successful clean-up, since 1970; 0 if there was none",
        "seconds",
        all -> all.lastCleanUp.value() / 1e3);
  }

  private void registerBacklog() {
    ofBacklog("events.waiting", "Committed events not yet confirmed", null, BacklogGauges::waiting);
    ofBacklog(
        "oldest.waiting",
        "The time since the transaction of the oldest waiting event began",
        "seconds",
        BacklogGauges::oldestSeconds);
    ofBacklog(
        "dead.letters", "Rejected events that wait for an operator", null, BacklogGauges::rejected);
    ofBacklog(
        "dead.letters.blocked.or.deferred",
        "Dead letters that wait behind a rejected event or for their destination",
        null,
        BacklogGauges::behind);
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }

  private void count(String name, String description, SingleWriterCounter count) {
    always.add(
        FunctionCounter.builder("outbox." + name, count, SingleWriterCounter::value)
            .description(description)
            .tag("shard", shard)
            .register(registry));
  }

  private void leading(
      String name, String description, @Nullable String unit, SingleWriterCounter count) {
    whileLeading.add(gauge(name, description, unit, count));
  }

  private void leading(
      String name,
      String description,
      @Nullable String unit,
      ToDoubleFunction<ShardMetrics> value) {
    whileLeading.add(gauge(name, description, unit, this, value));
  }

  private void ofState(
      String name, String description, @Nullable String unit, ToDoubleFunction<ShardHealth> value) {
    whileLeading.add(gauge(name, description, unit, health, value));
  }

  private void ofBacklog(
      String name,
      String description,
      @Nullable String unit,
      ToDoubleFunction<BacklogGauges> value) {
    leading(
        name,
        description,
        unit,
        all -> {
          var counted = all.backlog;
          return counted == null ? Double.NaN : value.applyAsDouble(counted);
        });
  }

  private Meter gauge(
      String name, String description, @Nullable String unit, SingleWriterCounter count) {
    return gauge(name, description, unit, count, SingleWriterCounter::value);
  }

  private <T> Meter gauge(
      String name, String description, @Nullable String unit, T of, ToDoubleFunction<T> value) {
    return Gauge.builder("outbox." + name, of, value)
        .description(description)
        .baseUnit(unit)
        .tag("shard", shard)
        .strongReference(true)
        .register(registry);
  }
}
