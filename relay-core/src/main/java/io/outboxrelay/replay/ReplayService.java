package io.outboxrelay.replay;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.audit.AuditLog;
import io.outboxrelay.doorbell.NotificationListener;
import io.outboxrelay.doorbell.NotificationSender;
import io.outboxrelay.format.TimestampFormat;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.replay.ReplayRefusedException.Reason;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The operators' commands on replays: preview, request, list, show and cancel.
 *
 * <p>Needs only the database, so it can be used from any machine. It inserts a request into the
 * table and notifies the relay that leads shard 0. This relay carries out the replays one after the
 * other. An impossible request fails with {@link ReplayRefusedException}. Requests and
 * cancellations are recorded in the audit.
 */
public final class ReplayService {
  private static final String PREVIEW =
      """
      select count(*) filter (where left_out is null),
             count(*) filter (where left_out = 'waiting'),
             count(*) filter (where left_out = 'dead letter'),
             coalesce(min(seq), 0), coalesce(max(seq), 0), pg_current_snapshot()::text
      from (select event.seq, %1$s as left_out from %2$s where %3$s
              and event.seq >= $5 and event.seq <= $6 offset 0) chosen
      """;

  /**
   * Selects the time of the oldest event in the outbox, and true if older events were removed. If
   * the oldest event has a sequence number above 1, older events are assumed to have been removed;
   * this is wrong if the first transaction of the outbox was rolled back.
   */
  private static final String OLDEST =
      """
      select created_at, seq > 1 from %1$s order by seq limit 1
      """;

  private static final String ASK =
      """
      insert into %1$s (since, until, aggregate_id, event_type, destination, rate, seen, first, top,
                        position, matched, remark, requested_by)
      values ($1, $2, $3, $4, $5, $6, $7::text::pg_snapshot, $8, $9, $8, $10, nullif($11, ''), $12)
      returning %2$s
      """;

  private static final String LIST = "select %2$s from %1$s order by id desc limit $1";
  private static final String SHOW = "select %2$s from %1$s where id = $1";

  private static final String CANCEL =
      """
      update %1$s set state = 'cancelled', ended_at = now()
      where id = $1 and state in ('requested', 'running')
      returning %2$s
      """;

  private final SqlConnection database;
  private final OutboxNames names;
  private final Broker broker;

  /**
   * @param broker checks the destination of a request; no event is published through it
   */
  public ReplayService(SqlConnection database, OutboxNames names, Broker broker) {
    this.database = database;
    this.names = names;
    this.broker = broker;
  }

  /**
   * Completes with the number of events that a replay would publish or leave out; changes nothing.
   */
  public Future<ReplayPreview> preview(ReplayRequest request) {
    return measure(request).map(PreviewResult::preview);
  }

  /**
   * Requests a replay of the events that are committed now; completes when the request is stored
   * durably, not when the replay is done.
   */
  public Future<Replay> ask(ReplayRequest request, Actor author) {
    return noted(
        new AuditLog.Entry(author, "replay", request.words()),
        () -> measure(request).compose(measured -> insert(request, measured, author)));
  }

  private Future<Replay> noted(AuditLog.Entry entry, Supplier<Future<Replay>> work) {
    return AuditLog.noted(
        database,
        names,
        entry,
        () -> work.get().compose(replay -> notifyRelays().map(replay)),
        replay -> "done: replay " + replay.id());
  }

  /** Completes with the latest replays, at most {@code most}, the newest first. */
  public Future<List<Replay>> list(int most) {
    return database
        .preparedQuery(onReplays(LIST))
        .execute(Tuple.of(most))
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(Replay::of).toList());
  }

  /** Completes with one replay; fails with {@link ReplayRefusedException} if it does not exist. */
  public Future<Replay> show(long id) {
    return database
        .preparedQuery(onReplays(SHOW))
        .execute(Tuple.of(id))
        .compose(rows -> rows.size() == 0 ? absent(id) : replay(rows.iterator().next()));
  }

  /** Cancels a replay; events in flight are still published. */
  public Future<Replay> cancel(long id, Actor author) {
    return noted(
        new AuditLog.Entry(author, "cancel replay", Long.toString(id)),
        () ->
            database
                .preparedQuery(onReplays(CANCEL))
                .execute(Tuple.of(id))
                .compose(
                    rows ->
                        rows.size() == 0
                            ? show(id).compose(ReplayService::over)
                            : replay(rows.iterator().next())));
  }

  private static Future<Replay> replay(Row row) {
    return Future.succeededFuture(Replay.of(row));
  }

  private String onReplays(String sql) {
    return sql.formatted(names.replays(), Replay.COLUMNS);
  }

  private record PreviewResult(ReplayPreview preview, String seen) {}

  private Future<PreviewResult> measure(ReplayRequest request) {
    return verify(request)
        .compose(sound -> database.query(OLDEST.formatted(names.events())).execute())
        .compose(
            rows ->
                rows.size() == 0
                    ? refused(
                        "the outbox holds no event (published ones are kept for outbox.retention"
                            + " only); nothing is replayed")
                    : measure(request, rows.iterator().next()));
  }

  private Future<Void> verify(ReplayRequest request) {
    var from = request.replayFilter().from();
    var to = request.replayFilter().to();
    if (from != null && to != null && !from.isBefore(to)) {
      return refused(
          "from %s is not before to %s, so no event can lie between; nothing is replayed"
              .formatted(TimestampFormat.of(from), TimestampFormat.of(to)));
    }
    int rate = request.ratePerSecond();
    if (rate < 1 || rate > ReplayRequest.MOST) {
      return refused(
          "a rate of %d events a second is not from 1 to %d; nothing is replayed"
              .formatted(rate, ReplayRequest.MOST));
    }
    return verifyDestination(request.destination());
  }

  private Future<Void> verifyDestination(@Nullable String destination) {
    if (destination == null) {
      return Future.succeededFuture();
    }
    try {
      Objects.requireNonNull(broker.redirectedTo(destination));
      return Future.succeededFuture();
    } catch (IllegalArgumentException e) {
      return refused(
          "the destination %s %s; nothing is replayed".formatted(destination, e.getMessage()));
    }
  }

  private Future<PreviewResult> measure(ReplayRequest request, Row oldest) {
    var replayFilter = request.replayFilter();
    var left = oldest.getOffsetDateTime(0);
    boolean removed = oldest.getBoolean(1);
    var to = replayFilter.to();
    if (removed && to != null && !to.isAfter(left)) {
      return refused(
          "the oldest event that is left is of %s, and all events from before %s were removed,"
                  .formatted(TimestampFormat.of(left), TimestampFormat.of(to))
              + " because published events are kept for outbox.retention only; nothing is replayed");
    }
    var from = replayFilter.from();
    boolean cut = removed && (from == null || from.isBefore(left));
    return database
        .preparedQuery(
            PREVIEW.formatted(
                ReplayEligibility.LEFT_OUT,
                ReplayEligibility.events(names),
                ReplayFilter.CONDITION))
        .execute(replayFilter.values().addLong(request.first()).addLong(request.last()))
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new PreviewResult(
                    new ReplayPreview(
                        row.getLong(0),
                        row.getLong(3),
                        row.getLong(4),
                        new LeftOutEvents(row.getLong(1), row.getLong(2)),
                        left,
                        cut),
                    row.getString(5)))
        .compose(ReplayService::orNothing);
  }

  private static Future<PreviewResult> orNothing(PreviewResult measured) {
    var preview = measured.preview;
    if (preview.matched() > 0) {
      return Future.succeededFuture(measured);
    }
    String remark = preview.remark();
    return refused(
        "no event that was delivered matches the request; nothing is replayed"
            + (remark.isEmpty() ? "" : " (" + remark + ")"));
  }

  private Future<Replay> insert(ReplayRequest request, PreviewResult measured, Actor author) {
    var values = request.replayFilter().values();
    values
        .addString(request.destination())
        .addInteger(request.ratePerSecond())
        .addString(measured.seen)
        .addLong(measured.preview.first() - 1)
        .addLong(measured.preview.last())
        .addLong(measured.preview.matched())
        .addString(measured.preview.remark())
        .addString(author.name());
    return database
        .preparedQuery(onReplays(ASK))
        .execute(values)
        .map(rows -> Replay.of(rows.iterator().next()));
  }

  /** Notifies the relays, which receive the notification when the transaction commits. */
  private Future<?> notifyRelays() {
    return NotificationSender.send(database, names, NotificationListener.REPLAYS);
  }

  private static <T> Future<T> refused(String sentence) {
    return Future.failedFuture(new ReplayRefusedException(Reason.MISTAKE, sentence));
  }

  private static <T> Future<T> absent(long id) {
    return Future.failedFuture(
        new ReplayRefusedException(
            Reason.ABSENT, "there is no replay " + id + "; nothing was changed. See replay list"));
  }

  private static Future<Replay> over(Replay replay) {
    var endedAt = replay.execution().endedAt();
    return Future.failedFuture(
        new ReplayRefusedException(
            Reason.OVER,
            "replay %d is %s%s already; nothing was changed"
                .formatted(
                    replay.id(),
                    replay.state().written(),
                    endedAt == null ? "" : " since " + TimestampFormat.of(endedAt))));
  }
}
