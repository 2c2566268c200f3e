package io.outboxrelay.connect;

import io.outboxrelay.account.RetentionCleanup;
import io.outboxrelay.database.LeaseLossMonitor;
import io.outboxrelay.database.PoolerCheck;
import io.outboxrelay.database.ServerKeepalive;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.doorbell.Doorbell;
import io.outboxrelay.doorbell.Notice;
import io.outboxrelay.doorbell.NotificationListener;
import io.outboxrelay.doorbell.WakeupMode;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.lifecycle.ServiceGroup;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.window.Checkpoint;
import io.outboxrelay.window.DatabaseHistory;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a shard. A session lasts from acquiring the lease to losing the connection, like a term of
 * the relay.
 *
 * <p>A task continues from the offset that Connect has stored. The session stores the confirmed
 * position in the database as well, as the shard's checkpoint: the clean-up deletes events up to
 * the checkpoint, and relays and commands read it. If the database was restored or has failed over,
 * the task continues from the checkpoint, because the offset may confirm events that the database
 * no longer contains.
 *
 * <p>A session is used on one event loop. Only {@link #confirms} may be used on all threads.
 */
final class ShardSession {
  private static final Logger LOG = LoggerFactory.getLogger(ShardSession.class);

  /**
   * The interval at which the checkpoint is stored. It is short, so that the status that an
   * operator reads is up to date.
   */
  private static final Duration BETWEEN_STORES = Duration.ofSeconds(1);

  /**
   * The longest wait for storing the last checkpoint, because a silent database must not delay a
   * stop.
   */
  private static final Duration STORED_WITHIN = Duration.ofSeconds(2);

  private final ShardSite site;
  private final LeaseLossMonitor connections;
  private final PageConfirms confirms = new PageConfirms();
  private final RelayMetrics metrics = RelayMetrics.alone();
  private @Nullable Doorbell doorbell;
  private @Nullable Reading reading;
  private @Nullable Promise<ReadPage> pending;
  private @Nullable Throwable loss;
  private @Nullable Checkpoint stored;
  private Future<Void> storing = Future.succeededFuture();
  private boolean closed;
  private long timer = -1;

  /** The parts of a session that owns its shard. */
  private record Reading(TableSource source, ServiceGroup services, String history) {}

  /**
   * A page of events, and the values from which the offsets of its events are computed.
   *
   * @param page the page
   * @param start the position at which the page begins; null for an empty page
   * @param history the database's history
   */
  record ReadPage(EventPage<Checkpoint> page, @Nullable Checkpoint start, String history) {
    /** Returns the offset directly after the event with this index in the page. */
    ShardOffset offsetAfter(int index) {
      return new ShardOffset(
          index == page.events().size() - 1
              ? page.position()
              : Objects.requireNonNull(start).at(page.events().get(index).seq()),
          history);
    }

    /** Returns the offset after the page. */
    ShardOffset end() {
      return new ShardOffset(page.position(), history);
    }
  }

  ShardSession(ShardSite site) {
    this.site = site;
    this.connections = new LeaseLossMonitor(site.vertx(), site.database(), this::fail);
  }

  PageConfirms confirms() {
    return confirms;
  }

  /**
   * Acquires the lease and begins at the later of {@code offset} and the checkpoint in the
   * database, or at the checkpoint if the offset has another history. Fails if the shard must not
   * be read. The caller must close the session even if this method fails.
   */
  Future<ShardSession> open(Optional<ShardOffset> offset) {
    var failover = site.config().relay().failover();
    var quiet = failover.answerTimeout().multipliedBy(2).dividedBy(3);
    var reader = connections.open(quiet, failover.answerTimeout());
    var control = connections.open(quiet, failover.answerTimeout());
    return Future.all(reader, control)
        .compose(
            both ->
                prepare(reader.result().connection())
                    .compose(prepared -> lease(reader.result().connection()))
                    .compose(
                        leased ->
                            begin(
                                reader.result().connection(),
                                control.result().connection(),
                                offset)))
        .map(this);
  }

  private Future<Void> prepare(PgConnection reader) {
    return PoolerCheck.verify(site.database(), reader)
        .compose(kept -> reader.query(TableSource.PLAN).execute())
        .compose(
            set -> ServerKeepalive.bound(reader, site.config().relay().failover().leaseTimeout()))
        .compose(bounded -> OutboxTable.verify(reader, site.names()))
        .compose(verified -> ShardLayout.read(reader, site.names()))
        .map(
            layout -> {
              layout.inForce();
              return null;
            });
  }

  private Future<Void> lease(PgConnection reader) {
    var timeout = site.config().relay().failover().leaseTimeout();
    return new ShardLease(site, reader, timeout.plus(timeout.dividedBy(2))).acquire();
  }

  private Future<Void> begin(
      PgConnection reader, PgConnection control, Optional<ShardOffset> offset) {
    return DatabaseHistory.read(reader)
        .compose(
            history ->
                OutboxTable.payloadType(reader, site.names())
                    .compose(payload -> source(reader, payload, history, offset))
                    .compose(source -> refuseDeadLetters(reader).map(source))
                    .compose(
                        source -> start(new Reading(source, services(source, control), history))));
  }

  /**
   * Fails if there are dead letters that only a relay can publish. They are read only after the
   * epoch was raised, because a former owner can add no dead letter from then on.
   */
  private Future<Void> refuseDeadLetters(PgConnection reader) {
    return DeadLetterSnapshot.read(reader, site.names(), site.share())
        .compose(
            buried ->
                OutboxProbe.deadLetters(site.names(), site.share(), buried)
                    .map(sentence -> Future.<Void>failedFuture(new ConnectException(sentence)))
                    .orElseGet(Future::succeededFuture));
  }

  private Future<TableSource> source(
      PgConnection reader, PayloadType payload, String history, Optional<ShardOffset> offset) {
    var relay = site.config().relay();
    var shard = metrics.shard(site.share().shard());
    var bell =
        new Doorbell(
            site.vertx(),
            reader,
            site.names(),
            site.share().shard(),
            relay.source().doorbell(),
            shard);
    doorbell = bell;
    var limits =
        new TableSource.PageLimits(
            site.names(),
            site.share(),
            payload,
            relay.readAhead().pageEvents(),
            relay.readAhead().pageBytes(),
            relay.readAhead().maxEventBytes());
    return TableSource.openAt(
        reader,
        site.owner(),
        limits,
        new TableSource.Collaborators(bell, shard, () -> {}),
        stored -> later(stored.withoutPartial(), history, offset));
  }

  /**
   * Returns the position at which to begin: the later one of the checkpoint and the offset. If the
   * offset has another history, the result is the checkpoint, because the offset may confirm events
   * that this database does not contain.
   */
  private Checkpoint later(Checkpoint inDatabase, String history, Optional<ShardOffset> offset) {
    if (offset.isEmpty()) {
      return inDatabase;
    }
    if (!offset.get().history().equals(history)) {
      LOG.warn(
          "{} of {} continues from the checkpoint in the database: since the offset was made, the"
              + " database was restored, failed over or crashed, or its statistics were reset."
              + " Events after that checkpoint are published again",
          site.share(),
          site.names().outbox());
      return inDatabase;
    }
    var inConnect = offset.get().checkpoint();
    return inDatabase.isBehind(inConnect) ? inConnect : inDatabase;
  }

  private ServiceGroup services(TableSource source, PgConnection control) {
    var relay = site.config().relay();
    var all = new ArrayList<Service>();
    if (relay.source().doorbell().wakeup() == WakeupMode.DOORBELL) {
      all.add(listener(control));
    }
    all.add(
        new RetentionCleanup(
            site.vertx(),
            control,
            relay.outbox(),
            site.share(),
            metrics.shard(site.share().shard()),
            () -> floor(source)));
    return new ServiceGroup(List.copyOf(all));
  }

  private NotificationListener listener(PgConnection control) {
    var bell = Objects.requireNonNull(doorbell);
    var listener =
        new NotificationListener(
            site.database(),
            control,
            new NotificationListener.Channel(
                site.names(),
                site.share(),
                site.config().relay().source().doorbell().selfTestInterval()),
            metrics.health().shard(site.share().shard()),
            metrics.shard(site.share().shard()),
            notice -> {
              if (notice == Notice.EVENTS) {
                bell.ring();
              }
            });
    bell.listenTo(listener);
    return listener;
  }

  /**
   * Returns the sequence number up to which the clean-up may delete events. It must not lie beyond
   * the stored checkpoint, because the account of delivered events would then be wrong.
   */
  private long floor(TableSource source) {
    var last = stored;
    return last == null ? source.start().floor() : last.floor();
  }

  private Future<Void> start(Reading begun) {
    if (closed) {
      return Future.failedFuture("the task was stopped");
    }
    reading = begun;
    timer = site.vertx().setPeriodic(BETWEEN_STORES.toMillis(), due -> store());
    LOG.info(
        "{} of {} is read from {}",
        site.share(),
        site.names().outbox(),
        new ShardOffset(begun.source.start(), begun.history).toMap());
    return begun.services.start();
  }

  /**
   * Reads the next page. Fails if the connection is lost, even if that happens while this method
   * waits for events.
   */
  Future<ReadPage> next() {
    var current = Objects.requireNonNull(reading, "the session is not open");
    Promise<ReadPage> page = Promise.promise();
    pending = page;
    var already = loss;
    if (already != null) {
      page.fail(already);
      return page.future();
    }
    current
        .source
        .next()
        .map(
            read ->
                new ReadPage(
                    read, read.isEmpty() ? null : current.source.pageStart(), current.history))
        .onComplete(page::tryComplete, page::tryFail);
    return page.future();
  }

  private void store() {
    var current = reading;
    var confirmed = confirms.confirmed();
    if (current == null || confirmed == null || confirmed.equals(stored) || !storing.isComplete()) {
      return;
    }
    storing =
        current
            .source
            .store(confirmed)
            .onSuccess(written -> stored = confirmed)
            .onFailure(this::fail);
  }

  /**
   * Ends the session with a failure. Later failures are ignored. The failure ends a pending read as
   * well, which would otherwise wait for ever.
   */
  private void fail(Throwable failure) {
    if (loss == null) {
      loss = failure;
      var waiting = pending;
      if (waiting != null) {
        waiting.tryFail(failure);
      }
    }
  }

  /**
   * Stores the position up to which events are confirmed, and releases the shard. Always succeeds,
   * within a few seconds.
   */
  Future<Void> close() {
    closed = true;
    site.vertx().cancelTimer(timer);
    var current = reading;
    return (current == null ? Future.<Void>succeededFuture() : storeFinally(current.source))
        .otherwiseEmpty()
        .compose(
            noted -> current == null ? Future.<Void>succeededFuture() : current.services.stop())
        .otherwiseEmpty()
        .compose(stopped -> connections.close())
        .onSuccess(gone -> fail(VertxException.noStackTrace("the session is closed")));
  }

  private Future<Void> storeFinally(TableSource source) {
    var confirmed = confirms.confirmed();
    return confirmed == null || loss != null
        ? Future.succeededFuture()
        : source.storeDurably(confirmed).timeout(STORED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }
}
