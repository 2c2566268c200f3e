package io.outboxrelay.leadership;

import io.vertx.core.VertxException;

/** Signals that a step of a term was not taken, because the term was over. */
final class TermOverException extends VertxException {
  TermOverException() {
    super("the term is over", true);
  }
}
