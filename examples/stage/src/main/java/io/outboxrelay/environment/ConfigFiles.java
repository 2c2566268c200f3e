package io.outboxrelay.environment;

import io.outboxrelay.testkit.TestBroker;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The configuration files of the relay and of the service. */
record ConfigFiles(Path relay, Path service) {
  static final String DATABASE_PASSWORD = "EMPLOYEES_DB_PASSWORD";

  static ConfigFiles write(
      Path folder,
      BrokerType choice,
      TestDatabase database,
      TestBroker broker,
      String destination,
      int port)
      throws IOException {
    var leading = new JsonObject(broker.settings());
    var relay = leading.copy().mergeIn(new JsonObject(choice.destination(destination)));
    var service = leading.copy().put("destination", destination);
    return new ConfigFiles(
        write(
            folder.resolve("relay.yaml"),
            new JsonObject()
                .put(
                    "database",
                    new JsonObject()
                        .put("uri", database.uri())
                        .put("password", "${" + DATABASE_PASSWORD + "}"))
                .put("broker", choice.toString())
                .put(choice.toString(), relay)),
        write(
            folder.resolve("employee-service.json"),
            new JsonObject()
                .put("port", port)
                .put("database", database.uri())
                .put("broker", choice.toString())
                .put(choice.toString(), service)));
  }

  /** Writes JSON also for the relay's YAML file, because JSON is valid YAML. */
  private static Path write(Path file, JsonObject content) throws IOException {
    return Files.writeString(file, content.encodePrettily() + "\n");
  }

  static Map<String, String> environment(TestDatabase database) {
    return Map.of(DATABASE_PASSWORD, database.server().password());
  }
}
