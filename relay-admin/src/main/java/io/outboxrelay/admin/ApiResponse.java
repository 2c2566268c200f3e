package io.outboxrelay.admin;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What is answered.
 *
 * @param status of HTTP
 * @param version of what is shown; null where that has none
 */
record ApiResponse(int status, JsonObject json, @Nullable String version) {

  static ApiResponse of(JsonObject json) {
    return new ApiResponse(200, json, null);
  }

  static ApiResponse created(JsonObject json) {
    return new ApiResponse(201, json, null);
  }
}
