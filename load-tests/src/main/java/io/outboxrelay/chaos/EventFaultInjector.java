package io.outboxrelay.chaos;

import io.outboxrelay.testkit.AggregateVersions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes transactions that stay open, and events that the broker never accepts. */
final class EventFaultInjector implements FaultInjector {
  private final ChaosEnvironment site;
  private final ChaosWriters writers;
  private final AtomicInteger rejected = new AtomicInteger();

  EventFaultInjector(ChaosEnvironment site, ChaosWriters writers) {
    this.site = site;
    this.writers = writers;
  }

  /** Returns the number of events committed so far that the broker will never accept. */
  int rejected() {
    return rejected.get();
  }

  @Override
  public Mending begin(PlannedFault fault) throws SQLException {
    if (fault.kind() == FaultKind.LONG_TRANSACTION) {
      return open(fault);
    }
    if (fault.kind() == FaultKind.FOREIGN_TRANSACTION) {
      return openElsewhere();
    }
    try (var connection = site.connectAsApplication()) {
      reject(connection, fault);
    }
    return () -> {};
  }

  @SuppressWarnings("MustBeClosedChecker")
  private Mending open(PlannedFault fault) throws SQLException {
    var connection = site.connectAsApplication();
    var random = fault.random();
    try {
      var hand = new EventWriter(connection, random);
      hand.execute("begin" + (random.nextBoolean() ? " isolation level repeatable read" : ""));
      var aggregate = "long-" + fault.number();
      int count = 1 + random.nextInt(500);
      hand.writeMany(aggregate, 0, count);
      AggregateVersions.add(connection, aggregate, count);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    boolean commits = random.nextInt(4) > 0;
    return () -> end(connection, commits);
  }

  /**
   * Opens a transaction in another database; its id holds back the snapshots of the whole cluster.
   */
  @SuppressWarnings("MustBeClosedChecker")
  private Mending openElsewhere() throws SQLException {
    var connection = site.elsewhere().connect();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute("select pg_current_xact_id()");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection::close;
  }

  /** Ends the transaction. A restart of the server may have ended it before. */
  private void end(Connection connection, boolean commits) throws SQLException {
    try (connection) {
      new EventWriter(connection, new Random(0)).execute(commits ? "commit" : "rollback");
    } catch (SQLException e) {
      site.runLog().say("the long transaction had ended before: " + e.getMessage());
    }
  }

  private void reject(Connection connection, PlannedFault fault) throws SQLException {
    var random = fault.random();
    int count = 1 + random.nextInt(3);
    for (int i = 1; i <= count; i++) {
      var rejectable = site.brokerSide().rejectable(random);
      String aggregate = "victim-" + fault.number() + "-" + i;
      site.runLog().say("an event of " + aggregate + " is " + rejectable.why());
      int before = random.nextInt(4);
      var hand = new EventWriter(connection, random);
      hand.execute("begin");
      AggregateVersions.add(connection, aggregate, before + 2);
      hand.writeMany(aggregate, 0, before);
      hand.write(aggregate, before + 1, rejectable.textLength(), rejectable.headers());
      hand.write(aggregate, before + 2);
      // Added before the commit, because a commit may succeed although its answer is lost.
      writers.addVictim(aggregate);
      hand.execute("commit");
      rejected.incrementAndGet();
    }
  }
}
