package io.outboxrelay.example;

import io.outboxrelay.environment.BrokerType;

class EmployeeServiceWithRabbitIT extends EmployeeServiceContract {
  EmployeeServiceWithRabbitIT() {
    super(BrokerType.RABBITMQ);
  }
}
