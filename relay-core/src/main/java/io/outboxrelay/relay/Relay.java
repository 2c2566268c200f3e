package io.outboxrelay.relay;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.partition.Partition;
import io.outboxrelay.partition.Partitions;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublishException;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;

/**
 * Publishes every committed event of one outbox to one broker.
 *
 * <p>Several relays with the same configuration may run: one leads, the rest stand by.
 */
public final class Relay {
  private final Vertx vertx;
  private final Database database;
  private final Deque<String> deployed = new ArrayDeque<>();
  private final Promise<Void> ended = Promise.promise();
  private final Shard shard;
  private final Partitions partitions;
  private Future<Void> deployment = Future.succeededFuture();

  private Relay(Vertx vertx, DatabaseConfig databaseConfig, RelayConfig config, Broker broker) {
    this.vertx = vertx;
    this.database = Database.create(vertx, databaseConfig);
    var list = new ArrayList<Partition>();
    for (int i = 0; i < config.partitions(); i++) {
      list.add(new Partition(broker, config.retry()));
    }
    this.partitions = new Partitions(list);
    // process id and host, as in 4711@db-host-2
    String owner = ManagementFactory.getRuntimeMXBean().getName();
    this.shard = new Shard(database, config, partitions, owner);
  }

  /** Makes a relay that does nothing until {@link #start}. */
  public static Relay create(
      Vertx vertx, DatabaseConfig database, RelayConfig config, Broker broker) {
    return new Relay(vertx, database, config, broker);
  }

  /**
   * Starts; completes when broker and database have both answered, for as long as that takes. From
   * then on the relay leads or stands by.
   *
   * <p>Fails with {@link RelayException} where trying on is no use, such as refused credentials or
   * a missing table, and when stopped before; {@link #stop} lets go of everything then, too. To be
   * called once.
   */
  public Future<Void> start() {
    shard.ended().onFailure(ended::tryFail);
    deployment = deployPartitions().compose(deployed -> deploy(shard));
    return deployment
        .compose(deployed -> Future.all(partitions.prepare(), shard.ready()))
        .<Void>mapEmpty()
        .recover(failure -> Future.failedFuture(told(failure)));
  }

  /** Fails with {@link RelayException} when the relay cannot go on; completes once stopped. */
  public Future<Void> ended() {
    return ended.future();
  }

  public RelayState state() {
    return shard.state();
  }

  /**
   * Stops reading, waits for what is in flight within the stop timeout, notes exactly what was
   * confirmed, and lets go of everything.
   */
  public Future<Void> stop() {
    return deployment
        .eventually(this::undeployNext)
        .eventually(database::close)
        .transform(stopped -> Future.<Void>succeededFuture())
        .onComplete(stopped -> ended.tryComplete());
  }

  private Future<Void> deployPartitions() {
    Future<Void> done = Future.succeededFuture();
    for (var partition : partitions.list()) {
      done = done.compose(before -> deploy(partition));
    }
    return done;
  }

  private Future<Void> deploy(Deployable verticle) {
    return vertx.deployVerticle(verticle).onSuccess(deployed::push).mapEmpty();
  }

  /** In reverse order: the shard goes before the partitions it publishes through. */
  private Future<Void> undeployNext() {
    String next = deployed.poll();
    return next == null
        ? Future.succeededFuture()
        : vertx.undeploy(next).eventually(this::undeployNext);
  }

  private static Throwable told(Throwable failure) {
    return failure instanceof PublishException.Fatal
        ? new RelayException(
            RelayException.Cause.BROKER, String.valueOf(failure.getMessage()), failure)
        : failure;
  }
}
