package io.outboxrelay.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Applications at their worst that still keep each aggregate's writes in order.
 *
 * <p>Each aggregate has a row that counts its versions in the same transactions, so the table holds
 * what was committed, also where a connection was lost while it committed.
 */
final class ChaosWriters {
  static final int AGGREGATES = 40;

  static final String TABLES =
      """
      create table aggregate (id text primary key, version int not null);
      create table other (x int);
      insert into aggregate select 'a-' || g, 0 from generate_series(1, %d) g;
      grant select, insert, update, delete on aggregate, other to app;
      """
          .formatted(AGGREGATES);

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

  /** Returns when nobody writes any more. */
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

  /** Events that are known to be committed. */
  long events() {
    return events.get();
  }

  long transactions() {
    return transactions.get();
  }

  /** From now on some events go to this aggregate too. */
  void add(String aggregate) {
    others.add(aggregate);
  }

  /** The same, of one that an event was rejected of for good. */
  void addVictim(String aggregate) {
    victims.add(aggregate);
    add(aggregate);
  }

  /** What was added, of both kinds. */
  List<String> others() {
    return others;
  }

  /** Aggregates of which an event was rejected for good. */
  List<String> victims() {
    return victims;
  }
}
