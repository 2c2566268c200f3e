package io.outboxrelay.example;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnectOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The configuration: a JSON file, like {@code employee-service.json} beside the README. */
record ServiceConfig(int port, PgConnectOptions database, JsonObject file) {
  /** Passwords are not for files. */
  private static final String PASSWORD = "EMPLOYEES_DB_PASSWORD";

  private static final List<String> BROKERS = List.of("kafka", "rabbitmq");

  static ServiceConfig of(JsonObject file) {
    var database = PgConnectOptions.fromUri(required(file, "database"));
    var password = System.getenv(PASSWORD);
    if (password != null) {
      database.setPassword(password);
    }
    var config = new ServiceConfig(file.getInteger("port", 8080), database, file);
    if (!BROKERS.contains(config.broker())) {
      throw new IllegalArgumentException(
          "broker is \"%s\", but has to be one of %s".formatted(config.broker(), BROKERS));
    }
    required(config.section(), "destination");
    return config;
  }

  private String broker() {
    return required(file, "broker");
  }

  private JsonObject section() {
    return file.getJsonObject(broker(), new JsonObject());
  }

  EventSource source(Vertx vertx) {
    var destination = required(section(), "destination");
    if (broker().equals("rabbitmq")) {
      return new RabbitSource(vertx, required(section(), "uri"), destination);
    }
    Map<String, String> settings = new HashMap<>();
    section().forEach(setting -> settings.put(setting.getKey(), setting.getValue().toString()));
    settings.remove("destination");
    return new KafkaSource(vertx, settings, destination);
  }

  private static String required(JsonObject section, String name) {
    if (section.getValue(name) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException(
        "the configuration says nothing of %s; it has %s".formatted(name, section.fieldNames()));
  }
}
