package io.outboxrelay.example;

import io.outboxrelay.inbox.InboxMessage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the consumer learns from a message: how an employee is now, or that it is gone.
 *
 * @param employee as it was last, where it is gone
 */
record EmployeeEvent(Employee employee, boolean gone) {

  /** The event in a message of either broker. */
  static InboxMessage<EmployeeEvent> received(
      Buffer body, UnaryOperator<@Nullable String> headers) {
    var employee = Employee.of(new JsonObject(body));
    boolean gone = "employee-left".equals(headers.apply("event-type"));
    return InboxMessage.of(new EmployeeEvent(employee, gone), headers);
  }
}
