package io.outboxrelay.example;

import io.outboxrelay.inbox.InboxMessage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The content of a message: the new state of an employee, or the fact that the employee has left.
 *
 * @param employee the new state, or the last state of an employee that has left
 */
record EmployeeEvent(Employee employee, boolean gone) {

  /** Returns the event of a message; for both brokers. */
  static InboxMessage<EmployeeEvent> received(
      Buffer body, UnaryOperator<@Nullable String> headers) {
    var employee = Employee.of(new JsonObject(body));
    boolean gone = "employee-left".equals(headers.apply("event-type"));
    return InboxMessage.of(new EmployeeEvent(employee, gone), headers);
  }
}
