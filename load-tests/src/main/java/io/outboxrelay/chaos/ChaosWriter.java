package io.outboxrelay.chaos;

import io.outboxrelay.testkit.AggregateVersions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A demanding application: it takes transaction ids early, uses savepoints, rolls back, prepares
 * transactions, writes several aggregates, breaks its connection and leaves transactions open.
 *
 * <p>It keeps the order of each aggregate in one of three ways: a row lock, an advisory lock, or a
 * version that must not have changed.
 *
 * <p>It survives every fault. The hostile writers of relay-core's tests share its tables, but write
 * for a known time, and fail their test if a statement fails.
 */
final class ChaosWriter implements Runnable {
  private final ChaosEnvironment site;
  private final ChaosWriters writers;
  private final String name;
  private final Random random;
  private final boolean slow;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private @Nullable String prepared;
  private int preparations;
  private int written;

  ChaosWriter(
      ChaosEnvironment site, ChaosWriters writers, String name, Random random, boolean slow) {
    this.site = site;
    this.writers = writers;
    this.name = name;
    this.random = random;
    this.slow = slow;
  }

  void stop() {
    stopped.countDown();
  }

  @Override
  public void run() {
    // A prepared transaction must be finished, because it would hold its locks for ever.
    while (!isStopped() || prepared != null) {
      try (var connection = site.connectAsApplication()) {
        finishPrepared(connection);
        while (!isStopped()) {
          transaction(connection);
          pause(slow || random.nextInt(8) > 0 ? 40 : 400);
        }
      } catch (SQLException e) {
        pause(200);
      }
    }
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private void pause(int mostMillis) {
    try {
      stopped.await(random.nextInt(mostMillis), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      stopped.countDown();
    }
  }

  private void transaction(Connection connection) throws SQLException {
    var hand = new EventWriter(connection, random);
    written = 0;
    hand.execute("begin");
    if (random.nextBoolean()) {
      AggregateVersions.takeTransactionId(connection);
    }
    if (random.nextInt(10) < 3) {
      pause(50);
    }
    boolean unchanged = true;
    for (var aggregate : someAggregates()) {
      unchanged = unchanged && write(hand, connection, aggregate);
    }
    end(hand, connection, unchanged);
  }

  /** Returns some aggregates in a fixed order, because writers would deadlock otherwise. */
  private Set<String> someAggregates() {
    var aggregates = AggregateVersions.some(random, ChaosWriters.AGGREGATES);
    var others = writers.others();
    if (!others.isEmpty() && random.nextInt(10) == 0) {
      aggregates.add(others.get(random.nextInt(others.size())));
    }
    return aggregates;
  }

  /**
   * Writes events of an aggregate; returns true if no other writer has changed it since it was
   * read.
   */
  private boolean write(EventWriter hand, Connection connection, String aggregate)
      throws SQLException {
    int manner = Math.floorMod(aggregate.hashCode(), 3);
    if (manner == 0) {
      hand.execute("select pg_advisory_xact_lock(hashtext('" + aggregate + "'))");
    }
    int version =
        manner == 1
            ? AggregateVersions.lock(connection, aggregate)
            : AggregateVersions.read(connection, aggregate);
    int last = write(hand, aggregate, version);
    written += last - version;
    if (slow) {
      pause(1_500);
    }
    return AggregateVersions.advance(connection, aggregate, version, last);
  }

  private int write(EventWriter hand, String aggregate, int version) throws SQLException {
    if (random.nextInt(5) == 0) {
      hand.execute("savepoint s");
    }
    if (random.nextInt(100) == 0) {
      hand.writeMany(aggregate, version, 200);
      return version + 200;
    }
    int count = List.of(1, 1, 2, 5).get(random.nextInt(4));
    for (int i = 1; i <= count; i++) {
      hand.write(aggregate, version + i);
      if (random.nextInt(10) == 0) {
        hand.writeAndUndo(aggregate);
      }
    }
    return version + count;
  }

  private void end(EventWriter hand, Connection connection, boolean unchanged) throws SQLException {
    int draw = random.nextInt(100);
    if (!unchanged || draw < 12) {
      hand.execute("rollback");
    } else if (draw < 14) {
      connection.close();
      throw new SQLException("the simulated application has crashed");
    } else if (draw < 20) {
      prepare(hand, connection);
    } else {
      hand.execute("commit");
      writers.committed(written);
    }
  }

  /**
   * Prepares and commits the transaction. PostgreSQL refuses to prepare it after a NOTIFY; the
   * connection is then closed, which rolls it back.
   */
  private void prepare(EventWriter hand, Connection connection) throws SQLException {
    String id = name + "-" + ++preparations;
    prepared = id;
    hand.execute("prepare transaction '" + id + "'");
    pause(300);
    finishPrepared(connection);
  }

  /**
   * Commits the prepared transaction if it exists. After a lost connection the writer does not know
   * if it was prepared.
   */
  private void finishPrepared(Connection connection) throws SQLException {
    var id = prepared;
    if (id == null) {
      return;
    }
    boolean there;
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery("select 1 from pg_prepared_xacts where gid = '" + id + "'")) {
      there = rows.next();
    }
    if (there) {
      new EventWriter(connection, random).execute("commit prepared '" + id + "'");
      writers.committed(written);
    }
    prepared = null;
  }
}
