package io.outboxrelay.admin;

import io.vertx.core.Future;

/** Answers one kind of request. */
@FunctionalInterface
interface Operation {
  /** May throw or fail with a {@link Refusal}. */
  Future<Answer> answer(Asked asked);
}
