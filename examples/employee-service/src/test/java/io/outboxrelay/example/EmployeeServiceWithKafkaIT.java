package io.outboxrelay.example;

import io.outboxrelay.testkit.BrokerType;

class EmployeeServiceWithKafkaIT extends EmployeeServiceContract {
  EmployeeServiceWithKafkaIT() {
    super(BrokerType.KAFKA);
  }
}
