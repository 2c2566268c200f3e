package io.outboxrelay.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceConfigTest {
  @ParameterizedTest
  @ValueSource(strings = {"kafka", "rabbitmq"})
  void theFileBesideTheReadmeIsOne(String broker) throws Exception {
    var file = new JsonObject(Files.readString(Path.of("employee-service.json")));
    var config = ServiceConfig.of(file.put("broker", broker));

    assertThat(config.port()).isEqualTo(8080);
    assertThat(config.connection().getDatabase()).isEqualTo("employees");
    assertThat(config.settings()).containsKey("destination");
  }

  @Test
  void mistakesAreToldAllAtOnce() {
    var file = JsonObject.of("port", "high", "database", 7, "broker", "kafak");
    assertThatThrownBy(() -> ServiceConfig.of(file))
        .hasMessage(
            "port has to be a number from 0 to 65535;"
                + " database has to be an address, postgresql://user@host:port/name;"
                + " broker has to be kafka or rabbitmq");
  }

  @Test
  void aBrokersSectionHasToSayWhereToReadFrom() {
    var file = JsonObject.of("database", "postgresql://localhost/x", "broker", "rabbitmq");
    assertThatThrownBy(() -> ServiceConfig.of(file))
        .hasMessage("rabbitmq has to have uri; rabbitmq has to have destination");
  }
}
