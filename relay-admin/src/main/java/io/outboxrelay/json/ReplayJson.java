package io.outboxrelay.json;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.replay.Replay;
import io.outboxrelay.replay.ReplayFilter;
import io.outboxrelay.replay.ReplayPreview;
import io.outboxrelay.replay.ReplayRequest;
import io.outboxrelay.replay.ReplayState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes replays as JSON. */
public final class ReplayJson {
  private ReplayJson() {}

  public static JsonObject of(List<Replay> replays) {
    return new JsonObject()
        .put("items", new JsonArray(replays.stream().map(ReplayJson::of).toList()));
  }

  public static JsonObject of(Replay replay) {
    var order = replay.order();
    return asked(order.replayFilter(), order.destination(), order.ratePerSecond())
        .put("firstSeq", replay.bounds().first() + 1)
        .put("lastSeq", replay.bounds().top())
        .put("id", replay.id())
        .put(
            "state", replay.state() == ReplayState.REQUESTED ? "waiting" : replay.state().written())
        .put("message", sentence(replay))
        .put("matched", replay.bounds().matched())
        .put("sent", replay.progress().published())
        .put("by", order.requestedBy())
        .put("startedAt", JsonFormat.time(replay.execution().startedAt()))
        .put("endedAt", JsonFormat.time(replay.execution().endedAt()));
  }

  /** Writes the preview of a replay that was not started. */
  public static JsonObject planned(ReplayRequest request, ReplayPreview preview) {
    String remark = preview.remark();
    return asked(request.replayFilter(), request.destination(), request.ratePerSecond())
        .put("firstSeq", preview.first())
        .put("lastSeq", preview.last())
        .putNull("id")
        .put("state", "planned")
        .put(
            "message",
            "it would send "
                + CountFormat.of(preview.matched(), "event")
                + (remark.isEmpty() ? "" : "; " + remark))
        .put("matched", preview.matched())
        .put("sent", 0)
        .putNull("by")
        .putNull("startedAt")
        .putNull("endedAt");
  }

  private static JsonObject asked(
      ReplayFilter replayFilter, @Nullable String destination, int rate) {
    return new JsonObject()
        .put("from", JsonFormat.time(replayFilter.from()))
        .put("to", JsonFormat.time(replayFilter.to()))
        .put("aggregate", replayFilter.aggregateId())
        .put("type", replayFilter.eventType())
        .put("destination", destination)
        .put("ratePerSecond", rate);
  }

  private static String sentence(Replay replay) {
    String remark = replay.order().remark();
    return replay.sentence() + (remark == null ? "" : "; told before: " + remark);
  }
}
