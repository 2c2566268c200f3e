package io.outboxrelay.admin;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The answer of an operation.
 *
 * @param status the HTTP status
 * @param json the body
 * @param version the version of the shown object, sent as its ETag; null if it has none
 */
record ApiResponse(int status, JsonObject json, @Nullable String version) {

  static ApiResponse of(JsonObject json) {
    return new ApiResponse(200, json, null);
  }

  static ApiResponse created(JsonObject json) {
    return new ApiResponse(201, json, null);
  }
}
