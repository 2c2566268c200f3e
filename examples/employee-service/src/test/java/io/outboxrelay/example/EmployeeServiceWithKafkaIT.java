package io.outboxrelay.example;

import io.outboxrelay.stage.BrokerChoice;

class EmployeeServiceWithKafkaIT extends EmployeeServiceContract {
  EmployeeServiceWithKafkaIT() {
    super(BrokerChoice.KAFKA);
  }
}
