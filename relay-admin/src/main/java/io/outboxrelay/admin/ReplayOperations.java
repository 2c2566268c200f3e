package io.outboxrelay.admin;

import io.outboxrelay.audit.Audit;
import io.outboxrelay.history.Archive;
import io.outboxrelay.history.Excerpt;
import io.outboxrelay.history.NoReplayException;
import io.outboxrelay.history.Replay;
import io.outboxrelay.history.Request;
import io.outboxrelay.report.ReplayReport;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnection;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** Has retained events sent again. */
final class ReplayOperations {
  private static final int LATEST = 100;

  private final Visits visits;
  private final Standpoint standpoint;

  ReplayOperations(Visits visits, Standpoint standpoint) {
    this.visits = visits;
    this.standpoint = standpoint;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("listReplays", this::list);
    operations.put("startReplay", this::start);
    operations.put("getReplay", this::show);
    operations.put("cancelReplay", this::cancel);
  }

  private Archive archive(PgConnection connection) {
    return new Archive(connection, standpoint.names(), standpoint.broker());
  }

  private <T> Future<T> at(Function<PgConnection, Future<T>> work) {
    return visits
        .visit(work)
        .recover(
            failure ->
                Future.failedFuture(
                    failure instanceof NoReplayException refused ? told(refused) : failure));
  }

  private static Refusal told(NoReplayException refused) {
    int status =
        switch (refused.reason()) {
          case MISTAKE -> 400;
          case ABSENT -> 404;
          case OVER -> 409;
        };
    return new Refusal(status, String.valueOf(refused.getMessage()));
  }

  private Future<Answer> list(Asked asked) {
    return at(connection -> archive(connection).list(LATEST))
        .map(replays -> Answer.of(ReplayReport.of(replays)));
  }

  private Future<Answer> show(Asked asked) {
    return at(connection -> archive(connection).show(asked.pathNumber("id")))
        .map(replay -> Answer.of(ReplayReport.of(replay)));
  }

  private Future<Answer> start(Asked asked) {
    var body = asked.body();
    var request = request(body, asked.author().who());
    if (body.getBoolean("dryRun", false)) {
      return at(connection -> archive(connection).survey(request))
          .map(survey -> Answer.of(ReplayReport.planned(request, survey)));
    }
    return at(connection ->
            noted(
                asked, "replay", body.encode(), connection, () -> archive(connection).ask(request)))
        .map(replay -> Answer.created(ReplayReport.of(replay)));
  }

  private Future<Answer> cancel(Asked asked) {
    long id = asked.pathNumber("id");
    return at(connection ->
            noted(
                asked,
                "cancel replay",
                Long.toString(id),
                connection,
                () -> archive(connection).cancel(id)))
        .map(replay -> Answer.of(ReplayReport.of(replay)));
  }

  private Future<Replay> noted(
      Asked asked,
      String action,
      String what,
      PgConnection connection,
      Supplier<Future<Replay>> work) {
    var entry = new Audit.Entry(asked.author(), action, what);
    return Audit.noted(
        connection, standpoint.names(), entry, work, replay -> "done: replay " + replay.id());
  }

  private static Request request(JsonObject body, String by) {
    var excerpt =
        new Excerpt(
            Asked.time("from", body.getString("from")),
            Asked.time("to", body.getString("to")),
            body.getString("aggregate"),
            body.getString("type"));
    return new Request(
        excerpt,
        body.getString("destination"),
        body.getInteger("ratePerSecond", Request.USUAL_RATE),
        by);
  }
}
