package io.outboxrelay.admin;

import io.vertx.core.Future;

/** Answers one kind of request. */
@FunctionalInterface
interface ApiOperation {
  /** May throw or fail with a {@link ApiException}. */
  Future<ApiResponse> answer(ApiRequest asked);
}
