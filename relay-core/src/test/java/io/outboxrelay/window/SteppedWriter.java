package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A writer that performs one random step at a time. Like the worst of applications, it takes its
 * transaction id early, uses savepoints, rolls back, prepares transactions, and keeps a transaction
 * open while others commit.
 *
 * <p>Writers keep the events of an aggregate in order: an aggregate belongs to one transaction
 * until that ends, and its versions count 1, 2, 3 … in commit order. No writer waits for another;
 * the test decides which one does the next step, so a run can be repeated. {@code HostileWriters}
 * have threads of their own.
 */
final class SteppedWriter implements AutoCloseable {
  private final Connection connection;
  private final Statement statement;
  private final OutboxNames names;
  private final int aggregates;
  private final Map<Integer, Integer> committed;
  private final Set<Integer> held;
  private final Map<Integer, Integer> written = new HashMap<>();
  private @Nullable String prepared;
  private boolean open;

  /**
   * Creates a writer; it does nothing until {@link #step}.
   *
   * @param committed each aggregate's version; shared by all writers
   * @param held the aggregates that belong to an open transaction; shared by all writers
   */
  SteppedWriter(
      Connection connection,
      OutboxNames names,
      int aggregates,
      Map<Integer, Integer> committed,
      Set<Integer> held)
      throws SQLException {
    this.connection = connection;
    this.statement = connection.createStatement();
    this.names = names;
    this.aggregates = aggregates;
    this.committed = committed;
    this.held = held;
    connection.setAutoCommit(false);
  }

  /** Performs one random action. */
  void step(Random random) throws SQLException {
    if (prepared != null) {
      finishPrepared(random.nextInt(10) > 0);
      return;
    }
    switch (random.nextInt(open ? 10 : 6)) {
      case 0 -> takeIdEarly();
      case 1, 2, 3 -> write(random, 1 + random.nextInt(3));
      case 4 -> writeInSavepoint(random);
      case 5 -> readOnly();
      case 6 -> end(false);
      case 7 -> prepare(random);
      default -> end(true);
    }
  }

  /** Ends the open transaction, if there is one. */
  void finish(boolean commit) throws SQLException {
    if (prepared != null) {
      finishPrepared(commit);
    } else {
      end(commit);
    }
  }

  private void takeIdEarly() throws SQLException {
    statement.execute("select pg_current_xact_id()");
    open = true;
  }

  private void readOnly() throws SQLException {
    statement.execute("select 1");
    open = true;
  }

  private boolean write(Random random, int events) throws SQLException {
    int aggregate = random.nextInt(aggregates);
    if (!written.containsKey(aggregate) && !held.add(aggregate)) {
      return false;
    }
    open = true;
    int version = written.getOrDefault(aggregate, committed.getOrDefault(aggregate, 0));
    for (int i = 0; i < events; i++) {
      version++;
      statement.execute(
          "insert into %s (aggregate_type, aggregate_id, event_type, payload) values ('a', '%d', 'e', '%d')"
              .formatted(names.outbox(), aggregate, version));
    }
    written.put(aggregate, version);
    return true;
  }

  private void writeInSavepoint(Random random) throws SQLException {
    var before = new HashMap<>(written);
    Savepoint savepoint = connection.setSavepoint();
    open = true;
    write(random, 2);
    if (random.nextBoolean()) {
      connection.rollback(savepoint);
      release(before.keySet());
      written.clear();
      written.putAll(before);
    }
  }

  private void prepare(Random random) throws SQLException {
    String name = UUID.randomUUID().toString();
    statement.execute("prepare transaction '" + name + "'");
    prepared = name;
    if (random.nextInt(4) == 0) {
      finishPrepared(true);
    }
  }

  private void finishPrepared(boolean commit) throws SQLException {
    connection.setAutoCommit(true);
    statement.execute((commit ? "commit" : "rollback") + " prepared '" + prepared + "'");
    connection.setAutoCommit(false);
    prepared = null;
    ended(commit);
  }

  private void end(boolean commit) throws SQLException {
    if (commit) {
      connection.commit();
    } else {
      connection.rollback();
    }
    ended(commit);
  }

  private void ended(boolean commit) {
    if (commit) {
      committed.putAll(written);
    }
    release(Set.of());
    written.clear();
    open = false;
  }

  private void release(Set<Integer> except) {
    for (int aggregate : written.keySet()) {
      if (!except.contains(aggregate)) {
        held.remove(aggregate);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
