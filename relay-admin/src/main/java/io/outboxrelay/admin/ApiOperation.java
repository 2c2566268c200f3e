package io.outboxrelay.admin;

import io.vertx.core.Future;

/** One operation of the API. */
@FunctionalInterface
interface ApiOperation {
  /** Answers a request. To refuse it, throws an {@link ApiException} or fails with one. */
  Future<ApiResponse> answer(ApiRequest asked);
}
