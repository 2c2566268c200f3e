package io.outboxrelay.json;

import io.outboxrelay.pause.Pause;
import io.outboxrelay.pause.Pauses;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Writes pauses as JSON. */
public final class PauseJson {
  private PauseJson() {}

  public static JsonObject of(Pauses pauses) {
    return new JsonObject().put("items", array(pauses));
  }

  static JsonArray array(Pauses pauses) {
    return new JsonArray(pauses.list().stream().map(PauseJson::of).toList());
  }

  public static JsonObject of(Pause pause) {
    return new JsonObject()
        .put("destination", pause.destination())
        .put("since", JsonFormat.time(pause.since()))
        .put("by", pause.by())
        .put("reason", pause.reason());
  }
}
