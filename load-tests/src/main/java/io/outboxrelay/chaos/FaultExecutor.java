package io.outboxrelay.chaos;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Carries out a schedule of faults: each begins at its time, on a thread of its own. */
final class FaultExecutor implements AutoCloseable {
  private static final int MILLIS_BETWEEN_TRIES = 300;

  private final ChaosEnvironment site;
  private final RunLog runLog;
  private final Map<FaultTarget, FaultInjector> troubles = new EnumMap<>(FaultTarget.class);
  private final Map<String, Lock> locks = new ConcurrentHashMap<>();
  private final Set<Integer> now = new ConcurrentSkipListSet<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> running = new ArrayList<>();
  private final EventFaultInjector events;
  private final DeadLetterFaultInjector deadLetters;
  private volatile int leader = 1;

  FaultExecutor(ChaosEnvironment site, ChaosWriters writers) {
    this.site = site;
    this.runLog = site.runLog();
    this.events = new EventFaultInjector(site, writers);
    this.deadLetters = new DeadLetterFaultInjector(site, writers);
    var links = new NetworkFaultInjector(site);
    var servers = new ServerFaultInjector(site);
    troubles.put(FaultTarget.RELAY, new RelayFaultInjector(site));
    troubles.put(FaultTarget.DATABASE_LINK, links);
    troubles.put(FaultTarget.BROKER_LINK, links);
    troubles.put(FaultTarget.DATABASE, servers);
    troubles.put(FaultTarget.BROKER, servers);
    troubles.put(FaultTarget.DESTINATION, servers);
    troubles.put(FaultTarget.SESSIONS, new SessionFaultInjector(site));
    troubles.put(FaultTarget.EVENTS, events);
    troubles.put(FaultTarget.DEAD_LETTERS, deadLetters);
    troubles.put(FaultTarget.SHARDS, new ShardFaultInjector(site));
  }

  /** Returns the numbers of the active faults. */
  Set<Integer> now() {
    return now;
  }

  /** Returns the number of events written so far that the broker could reject. */
  int rejected() {
    return events.rejected() + deadLetters.rejected();
  }

  DeadLetterFaultInjector deadLetters() {
    return deadLetters;
  }

  /** Carries out all faults; returns when all are over. */
  void carryOut(List<PlannedFault> schedule) throws Exception {
    long began = System.nanoTime();
    for (var fault : schedule) {
      long wait = TimeUnit.MILLISECONDS.toNanos(fault.at()) - (System.nanoTime() - began);
      TimeUnit.NANOSECONDS.sleep(wait);
      running.add(threads.submit(() -> carryOut(fault)));
    }
    for (var fault : running) {
      fault.get();
    }
  }

  private Void carryOut(PlannedFault drawn) throws Exception {
    var fault = drawn.relay() == PlannedFault.LEADER ? drawn.of(leader(drawn)) : drawn;
    var held = locks(fault);
    held.forEach(Lock::lock);
    now.add(fault.number());
    try {
      runLog.say(fault.toString());
      happen(fault);
    } finally {
      now.remove(fault.number());
      held.forEach(Lock::unlock);
    }
    runLog.say("fault %d is over".formatted(fault.number()));
    return null;
  }

  /**
   * Returns the number of the current leader, or of the last known one. Returns 1 if the fault ends
   * a process and the leader is the last relay, because that relay must not end.
   */
  private int leader(PlannedFault fault) {
    try {
      leader = site.leader().map(SupervisedRelay::number).orElse(leader);
    } catch (SQLException e) {
      runLog.say("the leader cannot be seen now, so relay " + leader + " counts as the leader");
    }
    return fault.endsRelay() && leader == site.instances().size() ? 1 : leader;
  }

  private void happen(PlannedFault fault) throws InterruptedException {
    var trouble = troubles.get(fault.kind().area());
    FaultInjector.Mending mending;
    try {
      mending = Objects.requireNonNull(trouble).begin(fault);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      runLog.say("fault %d could not happen: %s".formatted(fault.number(), e));
      return;
    }
    TimeUnit.MILLISECONDS.sleep(fault.lasts());
    mend(fault, mending);
  }

  private void mend(PlannedFault fault, FaultInjector.Mending mending) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        mending.mend();
        return;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        if (attempt % 20 == 1) {
          runLog.say("fault %d cannot be ended yet: %s".formatted(fault.number(), e));
        }
        TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN_TRIES);
      }
    }
  }

  /**
   * Returns the locks in the order of the relays, so that two faults that target all relays do not
   * deadlock.
   */
  private List<Lock> locks(PlannedFault fault) {
    var area = fault.kind().area();
    if (area.ofEachFault()) {
      return List.of();
    }
    if (!area.ofEachRelay()) {
      return List.of(lock(area.name()));
    }
    return site.instances(fault.relay()).stream()
        .map(relay -> lock(area.name() + relay.number()))
        .toList();
  }

  private Lock lock(String name) {
    return locks.computeIfAbsent(name, first -> new ReentrantLock());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
