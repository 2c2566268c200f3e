package io.outboxrelay.pipeline;

import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.database.LeaseLossMonitor.Watched;
import io.vertx.pgclient.PgConnection;
import java.util.function.Consumer;

/**
 * The resources of one term of a shard. They are not used after the term.
 *
 * @param reading the connection that holds the lease and reads the outbox, with its heartbeat
 * @param control a second connection, for all queries that must not wait behind a read of the
 *     outbox
 * @param destinations the circuit breakers and pauses of this term
 * @param onFailure called with a failure that ends the term
 */
public record TermResources(
    ShardContext shard,
    Watched reading,
    PgConnection control,
    DestinationGate destinations,
    Consumer<Throwable> onFailure) {
  /** Returns the connection that holds the lease and reads the outbox. */
  public PgConnection reader() {
    return reading.connection();
  }

  /** Returns true while the relay certainly owns the shard. May be called on any thread. */
  public boolean mayPublish() {
    return reading.heartbeat().isFelt();
  }
}
