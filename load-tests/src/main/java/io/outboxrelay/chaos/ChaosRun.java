package io.outboxrelay.chaos;

import java.sql.SQLException;
import java.util.List;

/** One run of the chaos suite, from the start of the servers to the report. */
final class ChaosRun {
  private final ChaosOptions options;
  private final RunLog runLog;
  private final List<PlannedFault> schedule;
  private final ArrivalLog ledger;

  private ChaosRun(ChaosOptions options, RunLog runLog) {
    this.options = options;
    this.runLog = runLog;
    this.schedule =
        FaultSchedule.of(
            options.seed(), options.length(), options.setup().relays(), options.setup().shards());
    this.ledger = new ArrivalLog(runLog);
  }

  /** Runs the suite; the report tells if every guarantee held. */
  static ChaosReport run(ChaosOptions options) throws Exception {
    try (var runLog = new RunLog(options.folder())) {
      runLog.say("seed %d: %s".formatted(options.seed(), options.command()));
      runLog.say("logs are kept in " + runLog.folder());
      return new ChaosRun(options, runLog).run();
    }
  }

  private ChaosReport run() throws Exception {
    try (var site = new ChaosEnvironment(options, runLog);
        var consumer = site.brokerSide().read(ledger::arrived)) {
      var writers = new ChaosWriters(site);
      var health = new LeakCheck(site);
      try (var faultExecutor = new FaultExecutor(site, writers);
          var watch = new RunSupervisor(site, ledger, writers, faultExecutor, health)) {
        return run(site, consumer, writers, health, faultExecutor, watch);
      }
    }
  }

  private ChaosReport run(
      ChaosEnvironment site,
      ChaosBroker.Reading consumer,
      ChaosWriters writers,
      LeakCheck health,
      FaultExecutor faultExecutor,
      RunSupervisor watch)
      throws Exception {
    for (var relay : site.instances()) {
      relay.start();
    }
    for (var relay : site.instances()) {
      relay.awaitReady();
    }
    writers.start();
    var awaiting = new DeliveryAwaiter(site, ledger, writers, faultExecutor.deadLetters());
    awaiting.all("before anything has gone wrong");
    health.begin();
    watch.start();
    faultExecutor.carryOut(schedule);
    runLog.say("all faults are over");
    site.instances().forEach(SupervisedRelay::heal);
    boolean caughtUp = awaiting.all("after the last fault");
    if (caughtUp) {
      // Checked before the restarts, because one relay has run since the beginning and would show a
      // leak.
      health.end();
      rollingRestart(site, awaiting);
    }
    writers.stop();
    runLog.say("no writer is left");
    if (caughtUp) {
      awaiting.all("at the end");
    }
    watch.close();
    var truth = ExpectedState.of(site.database());
    new DeliveryCheck(truth, ledger).broken(writers.victims()).forEach(runLog::found);
    var breaks = new RepeatBound(terms(site), schedule, faultExecutor.rejected());
    breaks.bound(ledger, runLog);
    if (!runLog.findings().isEmpty()) {
      new DiagnosticsDump(site, health).write("end");
    }
    for (var relay : site.instances()) {
      relay.terminate();
    }
    consumer.close();
    var result = new DeliveryResult(writers, truth, ledger, breaks);
    return new ChaosReport(options, schedule, result, health, site.instances(), runLog);
  }

  /**
   * Restarts every relay in turn while the writers continue and no fault is active. No event may be
   * repeated.
   */
  private void rollingRestart(ChaosEnvironment site, DeliveryAwaiter awaiting) throws Exception {
    long repeated = ledger.repeated();
    runLog.say("rolling restart");
    for (var relay : site.instances()) {
      relay.terminate();
      relay.start();
      relay.awaitReady();
    }
    awaiting.all("after the rolling restart");
    if (ledger.repeated() > repeated) {
      runLog.found(
          "%d events were repeated by a rolling restart with nothing else wrong"
              .formatted(ledger.repeated() - repeated));
    }
  }

  /**
   * Returns the number of terms of leadership, because each term raises the epoch of its shard by
   * one.
   */
  private static long terms(ChaosEnvironment site) throws SQLException {
    try (var connection = site.database().connect();
        var statement = connection.createStatement();
        var sum = statement.executeQuery("select sum(epoch) from outbox_checkpoint")) {
      sum.next();
      return sum.getLong(1);
    }
  }
}
