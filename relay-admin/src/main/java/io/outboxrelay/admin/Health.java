package io.outboxrelay.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** How well the relay is, part by part. */
record Health(List<Part> parts) {

  /**
   * @param why a sentence
   */
  record Part(String part, boolean well, String why) {}

  boolean isWell() {
    return parts.stream().allMatch(Part::well);
  }

  JsonObject toJson() {
    var told = new JsonArray();
    for (var part : parts) {
      told.add(new JsonObject().put("part", part.part).put("well", part.well).put("why", part.why));
    }
    return new JsonObject().put("well", isWell()).put("parts", told);
  }
}
