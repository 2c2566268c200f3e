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

/** Carries out a schedule: each fault on a thread of its own, at its time. */
final class Havoc implements AutoCloseable {
  private static final int MILLIS_BETWEEN_TRIES = 300;

  private final Site site;
  private final Diary diary;
  private final Map<Area, Trouble> troubles = new EnumMap<>(Area.class);
  private final Map<String, Lock> locks = new ConcurrentHashMap<>();
  private final Set<Integer> now = new ConcurrentSkipListSet<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> running = new ArrayList<>();
  private final EventTrouble events;
  private final LetterTrouble letters;
  private volatile int leader = 1;

  Havoc(Site site, Writers writers) {
    this.site = site;
    this.diary = site.diary();
    this.events = new EventTrouble(site, writers);
    this.letters = new LetterTrouble(site, writers);
    var links = new LinkTrouble(site);
    var servers = new ServerTrouble(site);
    troubles.put(Area.RELAY, new RelayTrouble(site));
    troubles.put(Area.DATABASE_LINK, links);
    troubles.put(Area.BROKER_LINK, links);
    troubles.put(Area.DATABASE, servers);
    troubles.put(Area.BROKER, servers);
    troubles.put(Area.DESTINATION, servers);
    troubles.put(Area.SESSIONS, new SessionTrouble(site));
    troubles.put(Area.EVENTS, events);
    troubles.put(Area.LETTERS, letters);
    troubles.put(Area.SHARDS, new ShardsTrouble(site));
  }

  /** The numbers of the faults under way. */
  Set<Integer> now() {
    return now;
  }

  /** How many events the broker had reason to reject so far. */
  int rejected() {
    return events.rejected() + letters.rejected();
  }

  LetterTrouble letters() {
    return letters;
  }

  /** Returns when all faults have happened and are over. */
  void wreak(List<Fault> schedule) throws Exception {
    long began = System.nanoTime();
    for (var fault : schedule) {
      long wait = TimeUnit.MILLISECONDS.toNanos(fault.at()) - (System.nanoTime() - began);
      TimeUnit.NANOSECONDS.sleep(wait);
      running.add(threads.submit(() -> wreak(fault)));
    }
    for (var fault : running) {
      fault.get();
    }
  }

  private Void wreak(Fault drawn) throws Exception {
    var fault = drawn.relay() == Fault.LEADER ? drawn.of(leader(drawn)) : drawn;
    var held = locks(fault);
    held.forEach(Lock::lock);
    now.add(fault.number());
    try {
      diary.say(fault.toString());
      happen(fault);
    } finally {
      now.remove(fault.number());
      held.forEach(Lock::unlock);
    }
    diary.say("fault %d is over".formatted(fault.number()));
    return null;
  }

  /** Who leads now, or led last; another relay where that one has to live. */
  private int leader(Fault fault) {
    try {
      leader = site.leader().map(Instance::number).orElse(leader);
    } catch (SQLException e) {
      diary.say("who leads cannot be seen now, so relay " + leader + " is taken for the leader");
    }
    return fault.endsRelay() && leader == site.instances().size() ? 1 : leader;
  }

  private void happen(Fault fault) throws InterruptedException {
    var trouble = troubles.get(fault.kind().area());
    Trouble.Mending mending;
    try {
      mending = Objects.requireNonNull(trouble).begin(fault);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      diary.say("fault %d could not happen: %s".formatted(fault.number(), e));
      return;
    }
    TimeUnit.MILLISECONDS.sleep(fault.lasts());
    mend(fault, mending);
  }

  private void mend(Fault fault, Trouble.Mending mending) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        mending.mend();
        return;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        if (attempt % 20 == 1) {
          diary.say("fault %d cannot be ended yet: %s".formatted(fault.number(), e));
        }
        TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN_TRIES);
      }
    }
  }

  /** In the order of the relays, so that two that befall all do not wait for each other. */
  private List<Lock> locks(Fault fault) {
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
