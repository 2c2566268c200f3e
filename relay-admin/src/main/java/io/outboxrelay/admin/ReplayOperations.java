package io.outboxrelay.admin;

import io.outboxrelay.history.Archive;
import io.outboxrelay.history.Excerpt;
import io.outboxrelay.history.NoReplayException;
import io.outboxrelay.history.Request;
import io.outboxrelay.report.ReplayReport;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnection;
import java.util.Map;
import java.util.function.Function;

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
    var request = request(body);
    if (body.getBoolean("dryRun", false)) {
      return at(connection -> archive(connection).survey(request))
          .map(survey -> Answer.of(ReplayReport.planned(request, survey)));
    }
    if (request.excerpt().isEverything() != body.getBoolean("all", false)) {
      throw new Refusal(
          400,
          request.excerpt().isEverything()
              ? "which events? Name from, to, aggregate or type, or all; nothing was started"
              : "all is there beside a choice of some; leave one of them out. Nothing was started");
    }
    return at(connection -> archive(connection).ask(request, asked.author()))
        .map(replay -> Answer.created(ReplayReport.of(replay)));
  }

  private Future<Answer> cancel(Asked asked) {
    return at(connection -> archive(connection).cancel(asked.pathNumber("id"), asked.author()))
        .map(replay -> Answer.of(ReplayReport.of(replay)));
  }

  private static Request request(JsonObject body) {
    var excerpt =
        new Excerpt(
            Asked.time("from", body.getString("from")),
            Asked.time("to", body.getString("to")),
            body.getString("aggregate"),
            body.getString("type"));
    return new Request(
        excerpt,
        body.getString("destination"),
        body.getInteger("ratePerSecond", Request.USUAL_RATE));
  }
}
