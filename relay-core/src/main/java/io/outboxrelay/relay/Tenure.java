package io.outboxrelay.relay;

import io.outboxrelay.database.Database;
import io.outboxrelay.deadletter.DeadLetters;
import io.outboxrelay.deadletter.OnRejected;
import io.outboxrelay.doorbell.Doorbell;
import io.outboxrelay.doorbell.Listener;
import io.outboxrelay.doorbell.Wakeup;
import io.outboxrelay.outbox.CleanUp;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.partition.Partitions;
import io.outboxrelay.partition.Term;
import io.outboxrelay.window.Checkpoint;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One term of owning a shard: from winning the lease to losing its connection, or stopping.
 *
 * <p>Everything held in memory belongs to the tenure and is forgotten with it; the next one begins
 * at the stored checkpoint.
 */
final class Tenure {
  private static final int SHARD = 0;

  private final Vertx vertx;
  private final Database database;
  private final RelayConfig config;
  private final OutboxNames names;
  private final Partitions partitions;
  private final String owner;
  private final Consumer<Throwable> onFailure;
  private @Nullable PgConnection reading;
  private @Nullable PgConnection control;
  private @Nullable Listener listener;
  private @Nullable CleanUp cleanUp;
  private @Nullable Flow<Checkpoint> flow;
  private boolean over;

  /**
   * Does nothing until {@link #begin}.
   *
   * @param onFailure is told once, on the event loop, what ended the tenure after it had begun
   */
  Tenure(
      Vertx vertx,
      Database database,
      RelayConfig config,
      Partitions partitions,
      String owner,
      Consumer<Throwable> onFailure) {
    this.vertx = vertx;
    this.database = database;
    this.config = config;
    this.names = config.outbox().names();
    this.partitions = partitions;
    this.owner = owner;
    this.onFailure = onFailure;
  }

  /** Connects, and sees whether the outbox is as it should be. */
  Future<Void> connect() {
    return open()
        .onSuccess(connection -> reading = connection)
        .compose(connection -> connection.query(TableSource.PLAN).execute())
        .compose(planned -> OutboxTable.payloadType(connection(), names))
        .mapEmpty();
  }

  /** Waits for the lease, for as long as another relay has it. */
  Future<Void> campaign() {
    return Lease.acquire(connection(), names, SHARD);
  }

  /** Begins to publish, from the stored checkpoint on. */
  Future<Void> begin() {
    return open()
        .onSuccess(connection -> control = connection)
        .compose(connection -> parked(connection))
        .compose(parked -> partitions.begin(term(parked)))
        .compose(begun -> OutboxTable.payloadType(connection(), names))
        .compose(this::flow);
  }

  /** Ends in good order: see {@link Flow#drain}. */
  Future<Long> drain() {
    var flowing = flow;
    return flowing == null
        ? Future.succeededFuture(0L)
        : flowing.drain(config.stopTimeout()).eventually(this::end);
  }

  /** Ends at once; completes when nothing of it is in flight. */
  Future<Void> end() {
    over = true;
    if (flow != null) {
      flow.abandon();
    }
    if (cleanUp != null) {
      cleanUp.stop();
    }
    return partitions
        .end()
        .eventually(() -> listener == null ? Future.succeededFuture() : listener.close())
        .eventually(() -> close(control))
        .eventually(() -> close(reading));
  }

  private static Future<Void> close(@Nullable PgConnection connection) {
    return connection == null ? Future.succeededFuture() : connection.close();
  }

  /** Cuts a wait for the lease short. */
  void giveUpCampaign() {
    over = true;
    var waiting = reading;
    if (waiting != null) {
      // Closing waits for the query under way, and this one may take for ever.
      waiting.cancelRequest().onComplete(cancelled -> waiting.close());
    }
  }

  private Future<PgConnection> open() {
    return database.connect().onSuccess(connection -> connection.closeHandler(gone -> lost()));
  }

  private PgConnection connection() {
    var open = reading;
    if (open == null) {
      throw new IllegalStateException("not connected");
    }
    return open;
  }

  private void lost() {
    fail(new IllegalStateException("a connection to the database was lost"));
  }

  private void fail(Throwable failure) {
    if (!over) {
      over = true;
      onFailure.accept(failure);
    }
  }

  private Future<Set<String>> parked(PgConnection connection) {
    return config.onRejected() == OnRejected.PARK
        ? DeadLetters.parked(connection, names)
        : Future.succeededFuture(Set.of());
  }

  private Term term(Set<String> parked) {
    Set<String> shared = ConcurrentHashMap.newKeySet();
    shared.addAll(parked);
    var loop = vertx.getOrCreateContext();
    var writing = control;
    if (writing == null) {
      throw new IllegalStateException("not connected");
    }
    return new Term(
        new DeadLetters(writing, names),
        config.onRejected(),
        shared,
        failure -> loop.runOnContext(event -> fail(failure)));
  }

  private Future<Void> flow(PayloadType payload) {
    var doorbell = new Doorbell(vertx, connection(), names, SHARD, config.doorbell());
    var portions =
        new TableSource.Portions(
            payload, config.pageEvents(), config.pageBytes(), config.doorbell().pace());
    return TableSource.open(vertx, connection(), names, SHARD, owner, doorbell, portions)
        .map(
            source -> {
              var flowing = new Flow<>(vertx, source, partitions, config, this::fail);
              flow = flowing;
              listen(doorbell);
              flowing.start();
              clean(flowing);
              return null;
            });
  }

  /** Not waited for: until the bell is proven to be heard, the doorbell polls. */
  private void listen(Doorbell doorbell) {
    var ringer = control;
    if (config.doorbell().wakeup() == Wakeup.DOORBELL && ringer != null) {
      var hearing =
          new Listener(
              vertx, database, ringer, names, config.doorbell().proofInterval(), doorbell::ring);
      listener = hearing;
      doorbell.listenTo(hearing);
      hearing.start();
    }
  }

  private void clean(Flow<Checkpoint> flowing) {
    var connection = control;
    if (connection != null) {
      var cleaning =
          new CleanUp(
              vertx,
              connection,
              config.outbox(),
              () -> {
                var confirmed = flowing.confirmed();
                return confirmed == null ? Long.MIN_VALUE : confirmed.floor();
              });
      cleanUp = cleaning;
      cleaning.start();
    }
  }
}
