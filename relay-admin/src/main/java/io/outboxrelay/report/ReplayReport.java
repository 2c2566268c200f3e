package io.outboxrelay.report;

import io.outboxrelay.history.Excerpt;
import io.outboxrelay.history.Replay;
import io.outboxrelay.history.Request;
import io.outboxrelay.history.State;
import io.outboxrelay.history.Survey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is told of replays. */
public final class ReplayReport {
  private ReplayReport() {}

  public static JsonObject of(List<Replay> replays) {
    return new JsonObject()
        .put("items", new JsonArray(replays.stream().map(ReplayReport::of).toList()));
  }

  public static JsonObject of(Replay replay) {
    return asked(replay.excerpt(), replay.destination(), replay.ratePerSecond())
        .put("id", replay.id())
        .put("state", replay.state() == State.ASKED ? "waiting" : replay.state().written())
        .put("sentence", sentence(replay))
        .put("chosen", replay.matched())
        .put("sent", replay.published())
        .put("by", replay.askedBy())
        .put("startedAt", Words.time(replay.startedAt()))
        .put("endedAt", Words.time(replay.endedAt()));
  }

  /** What one would send that was not asked for. */
  public static JsonObject planned(Request request, Survey survey) {
    String remark = survey.remark();
    return asked(request.excerpt(), request.destination(), request.ratePerSecond())
        .putNull("id")
        .put("state", "planned")
        .put(
            "sentence",
            String.format(Locale.ROOT, "it would send %,d events", survey.matched())
                + (remark.isEmpty() ? "" : "; " + remark))
        .put("chosen", survey.matched())
        .put("sent", 0)
        .putNull("by")
        .putNull("startedAt")
        .putNull("endedAt");
  }

  private static JsonObject asked(Excerpt excerpt, @Nullable String destination, int rate) {
    return new JsonObject()
        .put("from", Words.time(excerpt.from()))
        .put("to", Words.time(excerpt.to()))
        .put("aggregate", excerpt.aggregateId())
        .put("type", excerpt.eventType())
        .put("destination", destination)
        .put("ratePerSecond", rate);
  }

  private static String sentence(Replay replay) {
    return replay.sentence() + (replay.remark() == null ? "" : "; told before: " + replay.remark());
  }
}
