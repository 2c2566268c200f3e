package io.outboxrelay.example;

import io.outboxrelay.testkit.BrokerType;

class EmployeeServiceWithRabbitIT extends EmployeeServiceContract {
  EmployeeServiceWithRabbitIT() {
    super(BrokerType.RABBITMQ);
  }
}
