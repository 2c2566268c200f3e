package io.outboxrelay.json;

import io.outboxrelay.replay.Replay;
import io.outboxrelay.replay.ReplayFilter;
import io.outboxrelay.replay.ReplayPreview;
import io.outboxrelay.replay.ReplayRequest;
import io.outboxrelay.replay.ReplayState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes replays as JSON. */
public final class ReplayJson {
  private ReplayJson() {}

  public static JsonObject of(List<Replay> replays) {
    return new JsonObject()
        .put("items", new JsonArray(replays.stream().map(ReplayJson::of).toList()));
  }

  public static JsonObject of(Replay replay) {
    return asked(replay.replayFilter(), replay.destination(), replay.ratePerSecond())
        .put("id", replay.id())
        .put(
            "state", replay.state() == ReplayState.REQUESTED ? "waiting" : replay.state().written())
        .put("message", sentence(replay))
        .put("matched", replay.matched())
        .put("sent", replay.published())
        .put("by", replay.requestedBy())
        .put("startedAt", JsonFormat.time(replay.startedAt()))
        .put("endedAt", JsonFormat.time(replay.endedAt()));
  }

  /** Writes the preview of a replay that was not started. */
  public static JsonObject planned(ReplayRequest request, ReplayPreview preview) {
    String remark = preview.remark();
    return asked(request.replayFilter(), request.destination(), request.ratePerSecond())
        .putNull("id")
        .put("state", "planned")
        .put(
            "message",
            String.format(
                    Locale.ROOT,
                    "it would send %,d event%s",
                    preview.matched(),
                    preview.matched() == 1 ? "" : "s")
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
    return replay.sentence() + (replay.remark() == null ? "" : "; told before: " + replay.remark());
  }
}
