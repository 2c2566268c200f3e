package io.outboxrelay.admin;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What is answered.
 *
 * @param status of HTTP
 * @param version of what is shown; null where that has none
 */
record Answer(int status, JsonObject json, @Nullable String version) {

  static Answer of(JsonObject json) {
    return new Answer(200, json, null);
  }

  static Answer created(JsonObject json) {
    return new Answer(201, json, null);
  }
}
