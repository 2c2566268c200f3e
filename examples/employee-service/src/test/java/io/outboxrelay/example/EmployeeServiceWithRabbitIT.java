package io.outboxrelay.example;

import io.outboxrelay.stage.BrokerChoice;

class EmployeeServiceWithRabbitIT extends EmployeeServiceContract {
  EmployeeServiceWithRabbitIT() {
    super(BrokerChoice.RABBITMQ);
  }
}
