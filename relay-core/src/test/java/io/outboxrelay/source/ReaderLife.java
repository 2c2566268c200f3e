package io.outboxrelay.source;

import static io.outboxrelay.testkit.TestTimeout.done;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.database.Database;
import io.outboxrelay.doorbell.Doorbell;
import io.outboxrelay.doorbell.DoorbellConfig;
import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.SlotNames;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.window.Checkpoint;
import io.outboxrelay.window.ReadPosition;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs one reader from its connection to its crash, and delivers all pages at once. */
final class ReaderLife {
  private final Vertx vertx;
  private final Context context;
  private final Database database;
  private final OutboxNames names;
  private final DeliveryRecord record;
  private final LogConfig config;
  private final ShardKey share;
  private final Random random;
  private final Promise<Void> broken = Promise.promise();
  private @Nullable PgConnection connection;
  private @Nullable SourceSwitch source;
  private @Nullable ReadPosition delivered;
  private volatile boolean ended;
  private volatile boolean paused;
  private final AtomicLong changes = new AtomicLong();
  private boolean wasLog;

  ReaderLife(
      Database database,
      OutboxNames names,
      DeliveryRecord record,
      LogConfig config,
      ShardKey share,
      long seed) {
    this.vertx = database.vertx();
    this.context = vertx.getOrCreateContext();
    this.database = database;
    this.names = names;
    this.record = record;
    this.config = config;
    this.share = share;
    this.random = new Random(seed);
  }

  /** Begins to read from the stored checkpoint. */
  ReaderLife begin() {
    Promise<Void> begun = Promise.promise();
    context.runOnContext(now -> open().onComplete(begun));
    await(begun.future());
    return this;
  }

  private Future<Void> open() {
    return database
        .connect()
        .compose(
            opened -> {
              connection = opened;
              opened.closeHandler(lost -> broken.tryFail("the connection was lost"));
              return opened.query(TableSource.PLAN).execute().compose(planned -> take(opened));
            });
  }

  private Future<Void> take(PgConnection opened) {
    var metrics = RelayMetrics.alone().shard(share.shard());
    var settings =
        DoorbellConfig.from(Settings.of("test", Map.of("wakeup", "poll", "poll-interval", "3ms")));
    var doorbell = new Doorbell(vertx, opened, names, share.shard(), settings, metrics);
    int page = List.of(30, 200, 1_000).get(random.nextInt(3));
    var limits =
        new TableSource.PageLimits(names, share, PayloadType.JSONB, page, 4 << 20, 1 << 20);
    return SlotNames.read(opened, names)
        .compose(slots -> open(opened, slots, doorbell, limits, metrics));
  }

  private Future<Void> open(
      PgConnection opened,
      SlotNames slots,
      Doorbell doorbell,
      TableSource.PageLimits limits,
      ShardMetrics metrics) {
    return TableSource.open(
            opened,
            new TableSource.Owner("test", "test"),
            limits,
            new TableSource.Collaborators(doorbell, metrics, () -> {}))
        .map(
            table -> {
              record.begins(table.start());
              var site =
                  new SourceSwitch.Site(
                      new SourceSwitch.Server(database, opened, slots),
                      limits,
                      new SourceRecorder(new ShardHealth(), metrics),
                      () -> true,
                      () -> {});
              var retry = new Backoff(Duration.ofMillis(20), Duration.ofMillis(200));
              source = SourceSwitch.create(vertx, table, config, site, retry);
              source.start().onComplete(started -> read());
              return null;
            });
  }

  private void read() {
    var from = source;
    if (!ended && from != null) {
      if (paused) {
        vertx.setTimer(10, later -> read());
      } else {
        from.next().onComplete(this::deliver, broken::tryFail);
      }
    }
  }

  private void deliver(EventPage<ReadPosition> page) {
    var from = source;
    if (ended || from == null) {
      return;
    }
    if (from.readsLog() != wasLog) {
      wasLog = !wasLog;
      changes.incrementAndGet();
    }
    record.deliver(page.events(), page.position() instanceof Checkpoint ? "table" : "log");
    delivered = page.position();
    if (random.nextInt(20) == 0 || page.isEmpty()) {
      store(from, page.position());
    }
    read();
  }

  private void store(SourceSwitch from, ReadPosition position) {
    int number = record.storing(position.checkpoint());
    from.confirm(position).onSuccess(stored -> answered(number));
  }

  private void answered(int number) {
    if (!ended) {
      record.answered(number);
    }
  }

  /** Stops reading pages, or continues. */
  void pause(boolean isPaused) {
    paused = isPaused;
  }

  /** Completes when the reader can read no more. */
  Future<Void> broken() {
    return broken.future();
  }

  /** Returns how often the source has changed. */
  long changes() {
    return changes.get();
  }

  boolean readsLog() {
    var from = source;
    return from != null && from.readsLog();
  }

  /** Ends the reader, in half of the cases while a checkpoint is being stored. */
  void crash() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        now -> {
          var from = source;
          var reached = delivered;
          if (from != null && reached != null && random.nextBoolean()) {
            store(from, reached);
          }
          ended = true;
          if (from != null) {
            from.stop();
          }
          var open = connection;
          (open == null ? Future.<Void>succeededFuture() : database.close(open)).onComplete(done);
        });
    await(done.future());
  }

  static <T> T await(Future<T> future) {
    return done(future);
  }
}
