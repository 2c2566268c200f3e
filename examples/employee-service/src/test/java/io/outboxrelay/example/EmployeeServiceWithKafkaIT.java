package io.outboxrelay.example;

import io.outboxrelay.environment.BrokerType;

class EmployeeServiceWithKafkaIT extends EmployeeServiceContract {
  EmployeeServiceWithKafkaIT() {
    super(BrokerType.KAFKA);
  }
}
