package io.outboxrelay.chaos;

import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Supervises a run: restarts relays that ended, logs the progress, and detects a standstill. */
final class RunSupervisor implements AutoCloseable {
  /** If no fault is active and nothing was delivered for this time, the relays stand still. */
  private static final long STANDSTILL_MILLIS = 90_000;

  private final ChaosEnvironment site;
  private final RunLog runLog;
  private final ArrivalLog ledger;
  private final ChaosWriters writers;
  private final FaultExecutor faultExecutor;
  private final LeakCheck health;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private long parked;
  private long delivered;
  private long movedAt;
  private boolean told;

  RunSupervisor(
      ChaosEnvironment site,
      ArrivalLog ledger,
      ChaosWriters writers,
      FaultExecutor faultExecutor,
      LeakCheck health) {
    this.site = site;
    this.runLog = site.runLog();
    this.ledger = ledger;
    this.writers = writers;
    this.faultExecutor = faultExecutor;
    this.health = health;
  }

  void start() {
    var unused =
        timer.scheduleWithFixedDelay(() -> safely(this::supervise), 1, 1, TimeUnit.SECONDS);
    var unusedToo = timer.scheduleAtFixedRate(() -> safely(this::report), 10, 10, TimeUnit.SECONDS);
  }

  private interface Task {
    void run() throws Exception;
  }

  /** Catches exceptions, because the timer would not run a failed task again. */
  private void safely(Task task) {
    try {
      task.run();
    } catch (Exception e) {
      runLog.say("the watch failed: " + e);
    }
  }

  private void supervise() throws Exception {
    for (var relay : site.instances()) {
      relay.supervise();
    }
    long now = runLog.millis();
    if (ledger.delivered() != delivered || !faultExecutor.now().isEmpty() || movedAt == 0) {
      delivered = ledger.delivered();
      movedAt = now;
      told = false;
    } else if (now - movedAt > STANDSTILL_MILLIS && waiting() > 0 && !told) {
      told = true;
      runLog.found(
          "nothing was delivered for %d s, with no fault under way and about %d events waiting"
              .formatted((now - movedAt) / 1_000, waiting()));
      new DiagnosticsDump(site, health).write("standstill-" + now / 1_000);
    }
  }

  private long waiting() {
    return Math.max(0, writers.events() - ledger.delivered() - parked);
  }

  private void report() {
    countParked();
    runLog.say(
        "committed %d, delivered %d, waiting %d, parked %d, repeated %d; relays %s; faults now: %s"
            .formatted(
                writers.events(),
                ledger.delivered(),
                waiting(),
                parked,
                ledger.repeated(),
                health.look(),
                faultExecutor.now().isEmpty() ? "none" : faultExecutor.now()));
  }

  private void countParked() {
    try (var connection = site.database().connect();
        var statement = connection.createStatement();
        var count = statement.executeQuery("select count(*) from outbox_dead_letter")) {
      count.next();
      parked = count.getLong(1);
    } catch (SQLException e) {
      // The database is unavailable; the next report reads the number again.
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
