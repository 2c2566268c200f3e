package io.outboxrelay.chaos;

import java.sql.SQLException;
import java.util.List;

/** A run, from the first server to the verdict. */
final class Course {
  private final Options options;
  private final Diary diary;
  private final List<Fault> schedule;
  private final Ledger ledger;

  private Course(Options options, Diary diary) {
    this.options = options;
    this.diary = diary;
    this.schedule =
        Schedule.of(options.seed(), options.length(), options.relays(), options.shards());
    this.ledger = new Ledger(diary);
  }

  /** Runs it; the verdict tells whether everything held. */
  static Verdict run(Options options) throws Exception {
    try (var diary = new Diary(options.folder())) {
      diary.say("seed %d: %s".formatted(options.seed(), options.command()));
      diary.say("logs are kept in " + diary.folder());
      return new Course(options, diary).run();
    }
  }

  private Verdict run() throws Exception {
    try (var site = new Site(options, diary);
        var consumer = site.brokerSide().read(ledger::arrived)) {
      var writers = new Writers(site);
      var health = new Health(site);
      try (var havoc = new Havoc(site, writers);
          var watch = new Watch(site, ledger, writers, havoc, health)) {
        return run(site, consumer, writers, health, havoc, watch);
      }
    }
  }

  private Verdict run(
      Site site,
      BrokerSide.Reading consumer,
      Writers writers,
      Health health,
      Havoc havoc,
      Watch watch)
      throws Exception {
    for (var relay : site.instances()) {
      relay.start();
    }
    for (var relay : site.instances()) {
      relay.awaitReady();
    }
    writers.start();
    var awaiting = new Awaiting(site, ledger, writers, havoc.letters());
    awaiting.all("before anything has gone wrong");
    health.begin();
    watch.start();
    havoc.wreak(schedule);
    diary.say("all faults are over");
    site.instances().forEach(Instance::heal);
    boolean caughtUp = awaiting.all("after the last fault");
    if (caughtUp) {
      // Before they are restarted: one of them has lived through everything.
      health.end();
      rollingRestart(site, awaiting);
    }
    writers.stop();
    diary.say("nobody writes any more");
    if (caughtUp) {
      awaiting.all("at the end");
    }
    watch.close();
    var truth = Truth.of(site.database());
    new Reckoning(truth, ledger).broken(writers.victims()).forEach(diary::found);
    var breaks = new Breaks(tenures(site), schedule, havoc.rejected());
    breaks.bound(ledger, diary);
    if (!diary.findings().isEmpty()) {
      new Autopsy(site, health).write("end");
    }
    for (var relay : site.instances()) {
      relay.terminate();
    }
    consumer.close();
    return new Verdict(
        options, schedule, truth, ledger, writers, breaks, health, site.instances(), diary);
  }

  /**
   * Restarts every relay in turn while the writers go on, with nothing else wrong: nothing may be
   * repeated.
   */
  private void rollingRestart(Site site, Awaiting awaiting) throws Exception {
    long repeated = ledger.repeated();
    diary.say("rolling restart");
    for (var relay : site.instances()) {
      relay.terminate();
      relay.start();
      relay.awaitReady();
    }
    awaiting.all("after the rolling restart");
    if (ledger.repeated() > repeated) {
      diary.found(
          "%d events were repeated by a rolling restart with nothing else wrong"
              .formatted(ledger.repeated() - repeated));
    }
  }

  /** Every term of leading counts the epoch up. */
  private static long tenures(Site site) throws SQLException {
    try (var connection = site.database().connect();
        var statement = connection.createStatement();
        var sum = statement.executeQuery("select sum(epoch) from outbox_checkpoint")) {
      sum.next();
      return sum.getLong(1);
    }
  }
}
