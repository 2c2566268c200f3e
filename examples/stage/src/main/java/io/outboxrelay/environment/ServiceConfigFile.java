package io.outboxrelay.environment;

import io.outboxrelay.testkit.relay.RelayServers;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The configuration file of the employee service.
 *
 * @param environment the variable with the database's password
 */
record ServiceConfigFile(Path path, Map<String, String> environment) {
  static ServiceConfigFile write(Path path, RelayServers servers, int port) throws IOException {
    var broker = servers.broker();
    var content =
        new JsonObject()
            .put("port", port)
            .put("database", servers.database().uri())
            .put("broker", broker.name())
            .put(
                broker.name(),
                new JsonObject(broker.settings()).copy().put("destination", servers.destination()));
    Files.writeString(path, content.encodePrettily() + "\n");
    return new ServiceConfigFile(
        path, Map.of("EMPLOYEES_DB_PASSWORD", servers.postgres().password()));
  }
}
