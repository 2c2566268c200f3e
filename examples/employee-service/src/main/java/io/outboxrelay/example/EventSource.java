package io.outboxrelay.example;

import io.outboxrelay.inbox.InboxMessage;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;

/**
 * Where events come from: a broker, which delivers those of one employee in order, each at least
 * once.
 */
interface EventSource {
  /**
   * Hands over batches, one at a time, and acknowledges each when the handler has succeeded. Where
   * it failed, or the broker was away, whatever is not acknowledged comes again.
   */
  Future<Void> start(Function<List<InboxMessage<EmployeeEvent>>, Future<?>> handler);

  /** Hands over nothing more. */
  Future<Void> close();
}
