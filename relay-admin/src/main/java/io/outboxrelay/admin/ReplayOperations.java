package io.outboxrelay.admin;

import io.outboxrelay.json.ReplayJson;
import io.outboxrelay.replay.ReplayFilter;
import io.outboxrelay.replay.ReplayRefusedException;
import io.outboxrelay.replay.ReplayRequest;
import io.outboxrelay.replay.ReplayService;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnection;
import java.util.Map;
import java.util.function.Function;

/** The API operations that start, show and cancel replays of old events. */
final class ReplayOperations {
  private static final int LATEST = 100;

  private final AdminConnections adminConnections;
  private final RelayInfo relayInfo;

  ReplayOperations(AdminConnections adminConnections, RelayInfo relayInfo) {
    this.adminConnections = adminConnections;
    this.relayInfo = relayInfo;
  }

  void addTo(Map<String, ApiOperation> operations) {
    operations.put("listReplays", this::list);
    operations.put("startReplay", this::start);
    operations.put("getReplay", this::show);
    operations.put("cancelReplay", this::cancel);
  }

  private ReplayService archive(PgConnection connection) {
    return new ReplayService(connection, relayInfo.names(), relayInfo.configuration().broker());
  }

  private <T> Future<T> at(Function<PgConnection, Future<T>> work) {
    return adminConnections
        .visit(work)
        .recover(
            failure ->
                Future.failedFuture(
                    failure instanceof ReplayRefusedException refused ? told(refused) : failure));
  }

  private static ApiException told(ReplayRefusedException refused) {
    int status =
        switch (refused.reason()) {
          case MISTAKE -> 400;
          case ABSENT -> 404;
          case OVER -> 409;
        };
    return new ApiException(status, String.valueOf(refused.getMessage()));
  }

  private Future<ApiResponse> list(ApiRequest asked) {
    return at(connection -> archive(connection).list(LATEST))
        .map(replays -> ApiResponse.of(ReplayJson.of(replays)));
  }

  private Future<ApiResponse> show(ApiRequest asked) {
    return at(connection -> archive(connection).show(asked.pathNumber("id")))
        .map(replay -> ApiResponse.of(ReplayJson.of(replay)));
  }

  private Future<ApiResponse> start(ApiRequest asked) {
    var body = asked.body();
    var request = request(body);
    if (body.getBoolean("dryRun", false)) {
      return at(connection -> archive(connection).preview(request))
          .map(preview -> ApiResponse.of(ReplayJson.planned(request, preview)));
    }
    if (request.replayFilter().isEverything() != body.getBoolean("all", false)) {
      throw new ApiException(
          400,
          request.replayFilter().isEverything()
              ? "no events are chosen: name from, to, aggregate or type, or all; nothing was"
                  + " started"
              : "all and a filter are both given; leave one of them out. Nothing was started");
    }
    return at(connection -> archive(connection).ask(request, asked.author()))
        .map(replay -> ApiResponse.created(ReplayJson.of(replay)));
  }

  private Future<ApiResponse> cancel(ApiRequest asked) {
    return at(connection -> archive(connection).cancel(asked.pathNumber("id"), asked.author()))
        .map(replay -> ApiResponse.of(ReplayJson.of(replay)));
  }

  private static ReplayRequest request(JsonObject body) {
    var replayFilter =
        new ReplayFilter(
            ApiRequest.time("from", body.getString("from")),
            ApiRequest.time("to", body.getString("to")),
            body.getString("aggregate"),
            body.getString("type"));
    return new ReplayRequest(
        replayFilter,
        body.getString("destination"),
        body.getInteger("ratePerSecond", ReplayRequest.USUAL_RATE));
  }
}
