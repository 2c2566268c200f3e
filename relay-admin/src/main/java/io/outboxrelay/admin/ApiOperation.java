package io.outboxrelay.admin;

import io.vertx.core.Future;

/** One operation of the API. */
@FunctionalInterface
interface ApiOperation {
  /** Answers a request; may throw or fail with an {@link ApiException}. */
  Future<ApiResponse> answer(ApiRequest asked);
}
