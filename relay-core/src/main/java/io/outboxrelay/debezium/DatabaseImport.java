package io.outboxrelay.debezium;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Map;
import java.util.regex.Pattern;

/** Translates the properties of the connector for the database and its table. */
final class DatabaseImport {
  private static final Pattern ONE_TABLE = Pattern.compile("(\\w+)(?:\\\\?\\.)(\\w+)");

  private static final Map<String, String> TLS =
      Map.of(
          "database.sslmode", "database.tls.mode",
          "database.sslrootcert", "database.tls.ca",
          "database.sslcert", "database.tls.certificate",
          "database.sslkey", "database.tls.key");

  private final DebeziumProperties properties;
  private final ImportedConfig config;
  private final String prefix;

  /**
   * @param prefix the beginning of the names of the connector's properties
   */
  DatabaseImport(DebeziumProperties properties, ImportedConfig config, String prefix) {
    this.properties = properties;
    this.config = config;
    this.prefix = prefix;
  }

  void run() {
    config.set(
        "database.uri",
        "postgresql://%s@%s:%s/%s"
            .formatted(
                encoded(text("database.user", "postgres")),
                text("database.hostname", "localhost"),
                text("database.port", "5432"),
                encoded(text("database.dbname", "postgres"))));
    config.set("database.password", "${RELAY_DB_PASSWORD}");
    properties
        .take(prefix + "database.password")
        .ifPresent(
            password ->
                config.changed(
                    password, "is not copied: set RELAY_DB_PASSWORD in the environment"));
    TLS.forEach(
        (theirs, ours) ->
            properties.take(prefix + theirs).ifPresent(found -> config.set(ours, found.value())));
    table();
  }

  private void table() {
    config.set("outbox.layout", "debezium");
    config.set("outbox.table", "outboxevent");
    for (String name : new String[] {"topic.prefix", "database.server.name"}) {
      properties
          .take(prefix + name)
          .ifPresent(found -> config.set("outbox.debezium.topic-prefix", found.value()));
    }
    for (String name : new String[] {"table.include.list", "table.whitelist"}) {
      properties
          .take(prefix + name)
          .ifPresent(
              list -> {
                var one = ONE_TABLE.matcher(list.value());
                if (one.matches()) {
                  config.set("outbox.schema", one.group(1));
                  config.set("outbox.table", one.group(2));
                } else {
                  config.noCounterpart(
                      list, "does not name exactly one table, and a relay reads one table");
                }
              });
    }
    properties
        .take(prefix + "schema.include.list")
        .ifPresent(list -> config.notNeeded(list, "the relay reads one table"));
  }

  private String text(String name, String orElse) {
    return properties.take(prefix + name).map(DebeziumProperties.Property::value).orElse(orElse);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }
}
