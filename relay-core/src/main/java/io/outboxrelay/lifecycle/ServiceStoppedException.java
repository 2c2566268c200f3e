package io.outboxrelay.lifecycle;

import io.vertx.core.VertxException;

/** Signals that a start or a drain was not completed, because the service was stopped. */
public final class ServiceStoppedException extends VertxException {
  public ServiceStoppedException(String message) {
    super(message, true);
  }
}
