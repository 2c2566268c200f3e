package io.outboxrelay.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts the work for one shard, and tracks its state while this relay leads it.
 *
 * <p>Written on the shard's event loop only, and read on any thread. Metrics that only the leader
 * knows are exported only while it leads.
 */
public final class ShardMetrics {
  private final MeterRegistry registry;
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
  private final SingleWriterCounter readAheadEvents = new SingleWriterCounter();
  private final SingleWriterCounter readAheadBytes = new SingleWriterCounter();
  private final SingleWriterCounter fences = new SingleWriterCounter();
  private final SingleWriterCounter rescanned = new SingleWriterCounter();
  private final SingleWriterCounter heldSince = new SingleWriterCounter();
  private final SingleWriterCounter heard = new SingleWriterCounter();
  private final SingleWriterCounter proofs = new SingleWriterCounter();
  private final SingleWriterCounter missed = new SingleWriterCounter();
  private final SingleWriterCounter deaf = new SingleWriterCounter();
  private final SingleWriterCounter deleted = new SingleWriterCounter();
  private final SingleWriterCounter cleanUpFailures = new SingleWriterCounter();
  private final SingleWriterCounter lastCleanUp = new SingleWriterCounter();
  private final SingleWriterCounter epoch = new SingleWriterCounter();
  private final SingleWriterCounter lastTick = new SingleWriterCounter();
  private final SingleWriterCounter fromLog = new SingleWriterCounter();
  private volatile String sourceReason = "";
  private volatile @Nullable Leader leader;
  private volatile @Nullable BacklogGauges backlog;

  /**
   * The state that a leader knows besides the counters.
   *
   * @param parked the number of parked aggregates
   * @param openBreakers the destinations with an open circuit breaker, with the reasons
   * @param failing destinations with a failed last event but without an open circuit breaker, with
   *     the reasons
   */
  public record Leader(
      IntSupplier parked,
      Supplier<Map<String, String>> openBreakers,
      Supplier<Map<String, String>> failing) {}

  ShardMetrics(MeterRegistry registry, int shard) {
    this.registry = registry;
    this.shard = Integer.toString(shard);
    count("events.read", "Events read from the outbox", read);
    count("pages.read", "Pages read from the outbox, also empty ones", pages);
    count("windows.opened", "Windows opened: looks for new events", windows);
    count(
        "rescans",
        "Windows that began below the highest event read, as a transaction committed late",
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
            .description("Time in which nothing was read as too much waited for its confirm")
            .baseUnit("seconds")
            .tag("shard", this.shard)
            .register(registry));
    always.add(sourceChanges("log", "ready"));
    always.add(
        gauge(
            "shard.leading",
            "1 where this relay leads the shard",
            null,
            this,
            all -> all.isLeading() ? 1 : 0));
    always.add(
        gauge("shard.epoch", "The epoch in which this relay led the shard last", null, epoch));
  }

  /** Records that a page was read. */
  public void pageRead(int events) {
    pages.increment();
    read.add(events);
  }

  /**
   * Records that a window was opened.
   *
   * @param rescan true if it begins below the events that were read already
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
   * @param kept the number of remembered fences
   * @param span the number of sequence numbers that a late commit would make the reader scan again
   * @param isHeld true if the oldest transaction that ran at the previous window is still running,
   *     so that the fences since then must be kept
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

  /**
   * Records a change of the events that are read and not confirmed.
   *
   * @param isFull true if they are so many that reading must wait
   */
  public void readAhead(long events, long bytes, boolean isFull) {
    readAheadEvents.set(events);
    readAheadBytes.set(bytes);
    countFull();
    if (!isFull) {
      fullSince.set(0);
    }
    if (isFull && fullSince.value() == 0) {
      fullSince.set(System.nanoTime());
    }
  }

  /** Records that the event loop runs; call it every second until {@link #rests}. */
  public void tick() {
    lastTick.set(System.nanoTime());
    countFull();
  }

  /** Records that work for the shard has stopped. */
  public void rests() {
    lastTick.set(0);
  }

  /** Counts a long wait in small steps, because otherwise the counter would jump at its end. */
  private void countFull() {
    long since = fullSince.value();
    if (since != 0) {
      long now = System.nanoTime();
      fullNanos.add(now - since);
      fullSince.set(now);
    }
  }

  /** Records that events come from the write-ahead log from now on. */
  public void readsLog() {
    fromLog.set(1);
    sourceReason = "";
    changed("log", "ready");
  }

  /**
   * Records that events come from the table from now on, or still.
   *
   * @param reason the kind of reason for which the log cannot be used
   * @param sentence the reason
   */
  public void readsTable(String reason, String sentence) {
    if (fromLog.value() == 1) {
      changed("table", reason);
    }
    fromLog.set(0);
    sourceReason = sentence;
  }

  private void changed(String to, String reason) {
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

  /** Returns why the log is not read; empty if it is, or was not tried. */
  public String sourceReason() {
    return sourceReason;
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

  /** Records the state of the doorbell: true if it should be heard but is not. */
  public void deaf(boolean isDeaf) {
    deaf.set(isDeaf ? 1 : 0);
  }

  /** Records how many events the clean-up has deleted. */
  public void cleanedUp(long events) {
    deleted.add(events);
    lastCleanUp.set(System.currentTimeMillis());
  }

  public void cleanUpFailed() {
    cleanUpFailures.increment();
  }

  /** Records that this relay leads the shard from now on. */
  public synchronized void leads(long newEpoch, Leader knowing) {
    epoch.set(newEpoch);
    leader = knowing;
    if (whileLeading.isEmpty()) {
      registerLeading();
    }
  }

  /** Records that this relay does not lead the shard any more. */
  public synchronized void ends() {
    leader = null;
    fromLog.set(0);
    sourceReason = "";
    backlog = null;
    countFull();
    fullSince.set(0);
    heldSince.set(0);
    whileLeading.forEach(registry::remove);
    whileLeading.clear();
  }

  /** Sets the counted backlog. */
  public synchronized void counted(BacklogGauges now) {
    if (isLeading()) {
      boolean isFirst = backlog == null;
      backlog = now;
      if (isFirst) {
        registerBacklog();
      }
    }
  }

  /** Returns the backlog when it was last counted; null if this relay does not lead the shard. */
  public @Nullable BacklogGauges backlog() {
    return backlog;
  }

  long lastTick() {
    return lastTick.value();
  }

  private boolean isLeading() {
    return leader != null;
  }

  /** Returns true if reading waits because too many events are not confirmed. */
  public boolean isFull() {
    return fullSince.value() != 0;
  }

  public boolean isDeaf() {
    return deaf.value() == 1;
  }

  /** Returns how many events are read and not confirmed. */
  public long readAhead() {
    return readAheadEvents.value();
  }

  /** Returns the number of parked aggregates; 0 if this relay does not lead the shard. */
  public int parked() {
    var knowing = leader;
    return knowing == null ? 0 : knowing.parked.getAsInt();
  }

  /** Returns the destinations with an open circuit breaker, with the reasons. */
  public Map<String, String> openBreakers() {
    var knowing = leader;
    return knowing == null ? Map.of() : knowing.openBreakers.get();
  }

  /**
   * Returns destinations with a failed last event but without an open circuit breaker, with the
   * reasons.
   */
  public Map<String, String> failing() {
    var knowing = leader;
    return knowing == null ? Map.of() : knowing.failing.get();
  }

  void remove() {
    ends();
    always.forEach(registry::remove);
  }

  private void registerLeading() {
    leading("read.ahead.events", "Events read and not yet confirmed", null, readAheadEvents);
    leading("read.ahead.bytes", "The memory that they take, roughly", "bytes", readAheadBytes);
    leading("fences", "Fences remembered for transactions that are still running", null, fences);
    leading(
        "fences.span",
        "Sequence numbers to look at again when the oldest running transaction commits",
        null,
        rescanned);
    leading(
        "fences.held",
        "How long the oldest running transaction has held back the fences, as far as was seen",
        "seconds",
        all -> all.heldSince.value() == 0 ? 0 : secondsSince(all.heldSince.value()));
    leading(
        "source.log",
        "1 if events are read from the write-ahead log, 0 if from the table",
        null,
        fromLog);
    leading(
        "listener.down",
        "1 if notifications should arrive and do not: the relay polls",
        null,
        deaf);
    leading("parked.aggregates", "Aggregates that are parked", null, ShardMetrics::parked);
    leading(
        "destination.breakers.open",
        "Destinations with an open circuit breaker: they accept nothing while others do",
        null,
        all -> all.openBreakers().size());
    leading(
        "cleanup.last.success.timestamp",
        "When a clean-up last went through, since 1970; 0 if none has",
        "seconds",
        all -> all.lastCleanUp.value() / 1e3);
  }

  private void registerBacklog() {
    ofBacklog("events.waiting", "Committed events not yet confirmed", null, BacklogGauges::waiting);
    ofBacklog(
        "oldest.waiting",
        "How long ago the transaction of the oldest of them began",
        "seconds",
        BacklogGauges::oldestSeconds);
    ofBacklog("dead.letters", "Events that were rejected and wait", null, BacklogGauges::rejected);
    ofBacklog(
        "dead.letters.blocked.or.deferred",
        "Events that wait behind them or for their destination",
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
