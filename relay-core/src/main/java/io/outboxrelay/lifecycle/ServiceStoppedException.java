package io.outboxrelay.lifecycle;

import io.vertx.core.VertxException;

/** A start or a drain did not come to its end, because the service was stopped. */
public final class ServiceStoppedException extends VertxException {
  public ServiceStoppedException(String message) {
    super(message, true);
  }
}
