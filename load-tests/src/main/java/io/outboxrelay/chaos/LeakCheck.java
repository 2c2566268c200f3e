package io.outboxrelay.chaos;

import io.outboxrelay.testkit.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Checks that the relays release memory, files, threads and database sessions: compares them with
 * their use at the beginning of the run.
 */
final class LeakCheck {
  /**
   * The bound on resident memory: the heap, and 200 MiB for code, threads and other memory outside
   * the heap.
   */
  private static final int MOST_RSS = ProcessStats.HEAP_MEBIBYTES + 200;

  private static final int MORE_LIVE_KIBIBYTES = 16 * 1024;
  private static final int LOOKS_UNTIL_SETTLED = 6;
  private static final int MORE_FILES = 20;

  /**
   * The additional threads that are allowed: the two pools for blocking work grow to twenty threads
   * each, and keep them.
   */
  private static final int MORE_THREADS = 48;

  private static final String WATCHING = " and application_name like '% watch'";
  private static final Duration UNTIL_SESSIONS_END = Duration.ofSeconds(90);

  private final ChaosEnvironment site;
  private final RunLog runLog;
  private final Map<Integer, Long> mostRss = new HashMap<>();
  private ProcessStats young = new ProcessStats(0, 0, 0);
  private long youngHeap;
  private int sessions;
  private long heap;

  LeakCheck(ChaosEnvironment site) {
    this.site = site;
    this.runLog = site.runLog();
  }

  /** Waits until all relays run, and records their use of resources without faults. */
  void begin() throws Exception {
    awaitSettled();
    for (var relay : site.instances()) {
      var processStats = ProcessStats.of(relay.pid());
      young =
          new ProcessStats(
              Math.max(young.rss(), processStats.rss()),
              Math.max(young.files(), processStats.files()),
              Math.max(young.threads(), processStats.threads()));
      youngHeap = Math.max(youngHeap, ProcessStats.liveHeap(relay.pid()));
    }
    runLog.say(
        "normal is: %d sessions in all; at most %d KiB of live heap, %d files, %d threads each"
            .formatted(sessions, youngHeap, young.files(), young.threads()));
  }

  /**
   * Waits until the number of sessions stays constant and each relay has the session with which it
   * watches the database. On a warm standby that session is opened last, some seconds after the
   * start.
   */
  private void awaitSettled() throws SQLException, InterruptedException {
    int same = 0;
    while (same < LOOKS_UNTIL_SETTLED) {
      TimeUnit.MILLISECONDS.sleep(500);
      int now = sessions();
      same = now == sessions && sessions(WATCHING) == site.instances().size() ? same + 1 : 0;
      sessions = now;
    }
  }

  /** Measures the relays' memory during the run; returns it as text. */
  String look() {
    var words = new StringBuilder();
    for (var relay : site.instances()) {
      var processStats = ProcessStats.of(relay.pid());
      mostRss.merge(relay.number(), processStats.rss(), Math::max);
      words.append(words.isEmpty() ? "" : ", ").append(processStats.rss());
    }
    return words + " MiB";
  }

  /**
   * Reports the resources that are still held after all faults are over and all events delivered.
   */
  void end() throws Exception {
    mostRss.forEach((number, most) -> expect("MiB of memory", number, most, MOST_RSS));
    for (var relay : site.instances()) {
      var processStats = ProcessStats.of(relay.pid());
      long live = ProcessStats.liveHeap(relay.pid());
      heap = Math.max(heap, live);
      runLog.say(
          "relay %d: %d starts, %d KiB of live heap, %d files, %d threads, %d MiB at most"
              .formatted(
                  relay.number(),
                  relay.starts(),
                  live,
                  processStats.files(),
                  processStats.threads(),
                  mostRss.getOrDefault(relay.number(), 0L)));
      expect("KiB of live heap", relay.number(), live, youngHeap + MORE_LIVE_KIBIBYTES);
      expect("files", relay.number(), processStats.files(), young.files() + MORE_FILES);
      expect("threads", relay.number(), processStats.threads(), young.threads() + MORE_THREADS);
    }
    awaitSessions();
  }

  private void expect(String what, int relay, long found, long most) {
    if (found > most) {
      runLog.found(
          "relay %d holds %d %s, at most %d were expected".formatted(relay, found, what, most));
    }
  }

  /**
   * Waits until the number of sessions is normal. While dead letters are redelivered and their
   * number falls, their relays may hold further sessions for that.
   */
  private void awaitSessions() throws SQLException, InterruptedException {
    long movedAt = System.nanoTime();
    int fewest = Integer.MAX_VALUE;
    while (sessions() > sessions && System.nanoTime() - movedAt < UNTIL_SESSIONS_END.toNanos()) {
      TimeUnit.MILLISECONDS.sleep(500);
      int coming = comingBack();
      if (coming > 0 && coming < fewest) {
        fewest = coming;
        movedAt = System.nanoTime();
      }
    }
    int now = sessions();
    runLog.say("the relays hold %d sessions; %d are normal".formatted(now, sessions));
    if (now > sessions) {
      runLog.found("the relays hold %d sessions, %d were expected".formatted(now, sessions));
    }
  }

  private int comingBack() throws SQLException {
    return count(
        site.database(),
        "select count(*) from outbox_dead_letter where redelivery in ('requested', 'in_progress')");
  }

  private int sessions() throws SQLException {
    return sessions("");
  }

  private int sessions(String condition) throws SQLException {
    return count(
        site.elsewhere(),
        "select count(*) from pg_stat_activity where usename = 'relay'" + condition);
  }

  private static int count(TestDatabase database, String question) throws SQLException {
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var count = statement.executeQuery(question)) {
      count.next();
      return count.getInt(1);
    }
  }

  Map<Integer, Long> mostRss() {
    return mostRss;
  }

  long heap() {
    return heap;
  }

  long youngHeap() {
    return youngHeap;
  }

  /** Writes a thread dump of every relay to the folder of the logs. */
  void dump(String name) throws IOException, InterruptedException {
    for (var relay : site.instances()) {
      java.nio.file.Files.writeString(
          runLog.folder().resolve("%s-threads-%d.txt".formatted(name, relay.number())),
          ProcessStats.threads(relay.pid()));
    }
  }
}
