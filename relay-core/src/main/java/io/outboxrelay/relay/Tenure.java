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
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
  private final List<Pulse> pulses = new ArrayList<>();
  private final Promise<Void> broken = Promise.promise();
  private @Nullable PgConnection reading;
  private @Nullable PgConnection control;
  private @Nullable Listener listener;
  private @Nullable CleanUp cleanUp;
  private @Nullable Flow<Checkpoint> flow;
  private @Nullable Future<Void> ended;

  /** Does nothing until {@link #connect}. */
  Tenure(Vertx vertx, Database database, RelayConfig config, Partitions partitions, String owner) {
    this.vertx = vertx;
    this.database = database;
    this.config = config;
    this.names = config.outbox().names();
    this.partitions = partitions;
    this.owner = owner;
  }

  /** Fails, on the event loop, with what makes going on impossible; never completes otherwise. */
  Future<Void> broken() {
    return broken.future();
  }

  /** Connects, and sees whether the outbox is as it should be. */
  Future<Void> connect() {
    return open(connection -> reading = connection)
        .compose(opened -> connection().query(TableSource.PLAN).execute())
        .compose(set -> OutboxTable.verify(connection(), names));
  }

  /** Waits for the lease, for as long as another relay has it. */
  Future<Void> campaign() {
    return Lease.acquire(vertx, connection(), names, SHARD);
  }

  /** Begins to publish, from the stored checkpoint on. */
  Future<Void> begin() {
    return open(connection -> control = connection)
        .compose(opened -> parked())
        .compose(parked -> unlessOver(() -> partitions.begin(term(parked))))
        .compose(begun -> OutboxTable.payloadType(connection(), names))
        .compose(payload -> unlessOver(() -> flow(payload)));
  }

  /** Ends in good order: see {@link Flow#drain}. */
  Future<Long> drain() {
    var flowing = flow;
    return flowing == null
        ? end().map(0L)
        : flowing.drain(config.stopTimeout()).eventually(this::end);
  }

  /**
   * Ends at once, at whatever stage; completes when nothing of it is in flight. The lease is the
   * last to go, or a successor could overtake what is. A second call changes nothing.
   */
  Future<Void> end() {
    var under = ended;
    if (under != null) {
      return under;
    }
    Promise<Void> done = Promise.promise();
    ended = done.future();
    if (flow != null) {
      flow.abandon();
    }
    if (cleanUp != null) {
      cleanUp.stop();
    }
    pulses.forEach(Pulse::stop);
    partitions.end().eventually(this::disconnect).onComplete(over -> done.complete());
    return done.future();
  }

  private Future<Void> disconnect() {
    var hearing = listener;
    return Future.join(
            hearing == null ? Future.succeededFuture() : hearing.close(),
            close(control),
            close(reading))
        .mapEmpty();
  }

  private Future<Void> close(@Nullable PgConnection connection) {
    return connection == null ? Future.succeededFuture() : database.close(connection);
  }

  private Future<Void> open(Consumer<PgConnection> keep) {
    return database
        .connect()
        .compose(
            connection -> {
              if (ended != null) {
                return close(connection).compose(closed -> over());
              }
              keep.accept(connection);
              connection.closeHandler(gone -> lost());
              pulses.add(Pulse.of(connection, vertx, config.answerTimeout(), this::fail));
              return Future.succeededFuture();
            });
  }

  /** Steps that wait for an answer go on here, and the tenure may have ended meanwhile. */
  private <T> Future<T> unlessOver(Supplier<Future<T>> step) {
    return ended == null ? step.get() : over();
  }

  private static <T> Future<T> over() {
    return Future.failedFuture("the tenure has ended");
  }

  private PgConnection connection() {
    return Objects.requireNonNull(reading, "not connected");
  }

  private PgConnection controlling() {
    return Objects.requireNonNull(control, "not connected");
  }

  private void lost() {
    fail(VertxException.noStackTrace("a connection was lost"));
  }

  private void fail(Throwable failure) {
    if (ended == null) {
      broken.tryFail(failure);
    }
  }

  private Future<Set<String>> parked() {
    return config.onRejected() == OnRejected.PARK
        ? DeadLetters.parked(controlling(), names)
        : Future.succeededFuture(Set.of());
  }

  private Term term(Set<String> parked) {
    Set<String> shared = ConcurrentHashMap.newKeySet();
    shared.addAll(parked);
    var loop = vertx.getOrCreateContext();
    return new Term(
        new DeadLetters(controlling(), names),
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
        .compose(source -> unlessOver(() -> flow(source, doorbell)));
  }

  private Future<Void> flow(TableSource source, Doorbell doorbell) {
    var flowing = new Flow<>(vertx, source, partitions, config, this::fail);
    flow = flowing;
    if (config.doorbell().wakeup() == Wakeup.DOORBELL) {
      listen(doorbell);
    }
    flowing.start();
    cleanUp = clean(flowing);
    return Future.succeededFuture();
  }

  /** Not waited for: until the bell is proven to be heard, the doorbell polls. */
  private void listen(Doorbell doorbell) {
    var hearing =
        new Listener(
            vertx,
            database,
            controlling(),
            names,
            config.doorbell().proofInterval(),
            doorbell::ring);
    listener = hearing;
    doorbell.listenTo(hearing);
    hearing.start();
  }

  private CleanUp clean(Flow<Checkpoint> flowing) {
    var cleaning =
        new CleanUp(
            vertx,
            controlling(),
            config.outbox(),
            () -> {
              var confirmed = flowing.confirmed();
              return confirmed == null ? Long.MIN_VALUE : confirmed.floor();
            });
    cleaning.start();
    return cleaning;
  }
}
