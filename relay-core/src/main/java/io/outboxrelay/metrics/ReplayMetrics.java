package io.outboxrelay.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts the events that replays publish. While this relay carries out replays, this class exports
 * the number of open replays and the progress of the current one.
 *
 * <p>Written on the event loop that carries out the replays, and read on any thread.
 */
public final class ReplayMetrics {
  private final MeterRegistry registry;
  private final List<Meter> whileCarryingOut = new ArrayList<>();
  private final SingleWriterCounter confirmed = new SingleWriterCounter();
  private final SingleWriterCounter rejected = new SingleWriterCounter();
  private final SingleWriterCounter done = new SingleWriterCounter();
  private final SingleWriterCounter failed = new SingleWriterCounter();
  private final SingleWriterCounter open = new SingleWriterCounter();
  private final SingleWriterCounter stalledSince = new SingleWriterCounter();

  ReplayMetrics(MeterRegistry registry) {
    this.registry = registry;
    count(
        "replay.events.confirmed",
        "Events sent again by a replay that the broker has confirmed",
        Tags.empty(),
        confirmed);
    count(
        "replay.events.rejected",
        "Events sent again by a replay that the broker has refused",
        Tags.empty(),
        rejected);
    ended("done", done);
    ended("failed", failed);
  }

  /** Records the outcomes of replayed events. */
  public void sent(int confirmedNow, int rejectedNow) {
    confirmed.add(confirmedNow);
    rejected.add(rejectedNow);
  }

  /** Records that the current replay has made progress, or that another one has begun. */
  public void advanced() {
    stalledSince.set(open.value() == 0 ? 0 : System.nanoTime());
  }

  /** Records that a replay is complete. */
  public void done() {
    done.increment();
  }

  /** Records that a replay has failed. */
  public void failed() {
    failed.increment();
  }

  /** Sets the number of replays that are requested or running. */
  public synchronized void counted(int now) {
    boolean isFirst = open.value() == 0;
    open.set(now);
    if (isFirst || now == 0) {
      advanced();
    }
    if (whileCarryingOut.isEmpty()) {
      register();
    }
  }

  /** Records that this relay does not carry out replays any more. */
  public synchronized void ends() {
    open.set(0);
    stalledSince.set(0);
    whileCarryingOut.forEach(registry::remove);
    whileCarryingOut.clear();
  }

  private void register() {
    whileCarryingOut.add(
        Gauge.builder("outbox.replays.active", open, SingleWriterCounter::value)
            .description("Replays that are requested or running")
            .register(registry));
    whileCarryingOut.add(
        Gauge.builder("outbox.replay.stalled", stalledSince, ReplayMetrics::secondsSince)
            .description(
                "The time since the current replay last made progress; 0 if no replay is active")
            .baseUnit("seconds")
            .register(registry));
  }

  private static double secondsSince(SingleWriterCounter nanos) {
    long since = nanos.value();
    return since == 0 ? 0 : (System.nanoTime() - since) / 1e9;
  }

  private void ended(String state, SingleWriterCounter count) {
    count("replays.ended", "Replays that are over", Tags.of("state", state), count);
  }

  private void count(String name, String description, Tags tags, SingleWriterCounter count) {
    FunctionCounter.builder("outbox." + name, count, SingleWriterCounter::value)
        .description(description)
        .tags(tags)
        .register(registry);
  }
}
