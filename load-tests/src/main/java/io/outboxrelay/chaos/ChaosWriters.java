package io.outboxrelay.chaos;

import io.outboxrelay.testkit.AggregateVersions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs several {@link ChaosWriter}s, which write each aggregate in order and count its versions
 * with {@link AggregateVersions}.
 */
final class ChaosWriters {
  static final int AGGREGATES = 40;

  static final String TABLES =
      AggregateVersions.script(AGGREGATES)
          + "grant select, insert, update, delete on aggregate, other to app;";

  private static final int QUICK = 5;
  private static final int SLOW = 2;

  private final ChaosEnvironment site;
  private final List<ChaosWriter> writers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> victims = new CopyOnWriteArrayList<>();
  private final List<String> others = new CopyOnWriteArrayList<>();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong transactions = new AtomicLong();

  ChaosWriters(ChaosEnvironment site) {
    this.site = site;
  }

  void start() {
    for (int i = 0; i < QUICK + SLOW; i++) {
      var writer =
          new ChaosWriter(
              site, this, "writer-" + i, new Random(site.options().seed() + i), i >= QUICK);
      writers.add(writer);
      var thread = new Thread(writer, "writer-" + i);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
  }

  /** Returns when no writer writes any more. */
  void stop() throws InterruptedException {
    writers.forEach(ChaosWriter::stop);
    for (var thread : threads) {
      thread.join();
    }
  }

  void committed(int count) {
    events.addAndGet(count);
    transactions.incrementAndGet();
  }

  /** Returns the number of events that are known to be committed. */
  long events() {
    return events.get();
  }

  long transactions() {
    return transactions.get();
  }

  /** Makes the writers write some events to this aggregate too. */
  void add(String aggregate) {
    others.add(aggregate);
  }

  /** Adds an aggregate that has an event which the broker will never accept. */
  void addVictim(String aggregate) {
    victims.add(aggregate);
    add(aggregate);
  }

  /** Returns the aggregates that were added, of both kinds. */
  List<String> others() {
    return others;
  }

  /** Returns the aggregates with an event that the broker will never accept. */
  List<String> victims() {
    return victims;
  }
}
