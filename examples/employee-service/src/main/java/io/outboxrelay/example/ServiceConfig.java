package io.outboxrelay.example;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnectOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The configuration: a JSON file, like {@code employee-service.json} beside the README. */
record ServiceConfig(int port, String database, String broker, Map<String, String> settings) {
  private static final int LAST_PORT = 65_535;

  /** The environment variable with the database's password, because a file should not hold it. */
  private static final String PASSWORD = "EMPLOYEES_DB_PASSWORD";

  /** The required settings of each broker's section. */
  private static final Map<String, List<String>> BROKERS =
      Map.of(
          "kafka", List.of("bootstrap.servers", "destination"),
          "rabbitmq", List.of("uri", "destination"));

  /**
   * Reads the configuration.
   *
   * @throws IllegalArgumentException if there are mistakes; its message names all of them
   */
  static ServiceConfig of(JsonObject file) {
    var mistakes = new ArrayList<String>();
    int port = file.getValue("port", 8080) instanceof Integer number ? number : -1;
    if (port < 0 || port > LAST_PORT) {
      mistakes.add("port has to be a number from 0 to " + LAST_PORT);
    }
    var database = text(file, "database");
    if (!database.startsWith("postgresql://")) {
      mistakes.add("database has to be an address, postgresql://user@host:port/name");
    }
    var broker = text(file, "broker");
    var section = file.getValue(broker) instanceof JsonObject given ? given : new JsonObject();
    if (!BROKERS.containsKey(broker)) {
      mistakes.add("broker has to be kafka or rabbitmq");
    }
    BROKERS.getOrDefault(broker, List.of()).stream()
        .filter(name -> text(section, name).isEmpty())
        .forEach(name -> mistakes.add(broker + " has to have " + name));
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", mistakes));
    }
    return new ServiceConfig(port, database, broker, texts(section));
  }

  private static String text(JsonObject section, String name) {
    return section.getValue(name) instanceof String text ? text : "";
  }

  private static Map<String, String> texts(JsonObject section) {
    var texts = new HashMap<String, String>();
    section.forEach(setting -> texts.put(setting.getKey(), String.valueOf(setting.getValue())));
    return texts;
  }

  PgConnectOptions connection() {
    var options = PgConnectOptions.fromUri(database);
    var password = System.getenv(PASSWORD);
    return password == null ? options : options.setPassword(password);
  }

  EventSource source(Vertx vertx) {
    var rest = new HashMap<>(settings);
    var destination = String.valueOf(rest.remove("destination"));
    return broker.equals("kafka")
        ? new KafkaSource(vertx, rest, destination)
        : new RabbitSource(vertx, String.valueOf(rest.get("uri")), destination);
  }
}
