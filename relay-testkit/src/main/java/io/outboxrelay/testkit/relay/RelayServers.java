package io.outboxrelay.testkit.relay;

import io.outboxrelay.testkit.BrokerType;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestBroker;
import io.outboxrelay.testkit.TestDatabase;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The real servers between which a relay runs, with a new database and a new destination. {@link
 * #close()} ends the servers.
 */
public record RelayServers(
    PostgresServer postgres, TestDatabase database, TestBroker broker, String destination)
    implements AutoCloseable {

  /** Starts both servers with default options; see {@link #start(Supplier, Supplier)}. */
  public static RelayServers start(BrokerType broker) {
    return start(PostgresServer::start, broker::start);
  }

  /**
   * Starts both servers at the same time; returns when both answer. If one fails to start, the
   * other runs until the JVM ends.
   */
  public static RelayServers start(
      Supplier<PostgresServer> startPostgres, Supplier<TestBroker> startBroker) {
    var broker = CompletableFuture.supplyAsync(startBroker);
    var postgres = CompletableFuture.supplyAsync(startPostgres);
    try {
      CompletableFuture.allOf(broker, postgres).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    return new RelayServers(
        postgres.join(),
        postgres.join().createDatabase(),
        broker.join(),
        broker.join().newDestination());
  }

  /** Returns these servers with another destination. */
  public RelayServers withDestination(String other) {
    return new RelayServers(postgres, database, broker, other);
  }

  @Override
  public void close() {
    broker.close();
    database.close();
    postgres.close();
  }
}
