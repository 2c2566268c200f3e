package io.outboxrelay.demo;

import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestBroker;
import io.outboxrelay.testkit.TestDatabase;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The real servers, with a new database and a new destination; {@link #close()} ends them. */
record DemoServers(
    PostgresServer postgres, TestDatabase database, TestBroker broker, String destination)
    implements AutoCloseable {

  /**
   * Starts both servers at the same time; returns when both answer. If one fails, the other ends
   * with the JVM.
   */
  static DemoServers start(DemoBroker choice) {
    var broker = CompletableFuture.supplyAsync(choice::start);
    var postgres = CompletableFuture.supplyAsync(PostgresServer::start);
    try {
      CompletableFuture.allOf(broker, postgres).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    var database = postgres.join().createDatabase();
    var destination = broker.join().newDestination();
    return new DemoServers(postgres.join(), database, broker.join(), destination);
  }

  @Override
  public void close() {
    broker.close();
    database.close();
    postgres.close();
  }
}
