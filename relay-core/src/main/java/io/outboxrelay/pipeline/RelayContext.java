package io.outboxrelay.pipeline;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.Database;
import io.outboxrelay.failure.ProvenBroker;
import io.outboxrelay.health.RelayHealth;
import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Vertx;

/** The resources of a relay that all of its shards share. */
public record RelayContext(
    Database database,
    RelayConfig config,
    ProvenBroker broker,
    RelayMetrics metrics,
    RelayIdentity self) {
  public Vertx vertx() {
    return database.vertx();
  }

  /** Returns the state of all shards and partitions. */
  public RelayHealth health() {
    return metrics.health();
  }

  public OutboxNames names() {
    return config.outbox().names();
  }
}
