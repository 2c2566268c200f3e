package io.outboxrelay.example;

import io.outboxrelay.inbox.InboxMessage;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;

/**
 * A source of events: a broker that delivers the events of one employee in order, each at least
 * once.
 */
interface EventSource {
  /**
   * Starts to hand over batches, one at a time. A batch is acknowledged after the handler succeeds.
   * If the handler fails or the broker is unavailable, events that are not acknowledged are handed
   * over again.
   */
  Future<Void> start(Function<List<InboxMessage<EmployeeEvent>>, Future<?>> handler);

  /** Stops handing over events. */
  Future<Void> close();
}
