package io.outboxrelay.debeziumformat;

import io.outboxrelay.publish.ColumnType;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The table of a case, its rows as text, and the messages that Debezium Server gave. */
final class RecordedCase {
  private static final String FOLDER = "debezium-server";

  private RecordedCase() {}

  /** Returns the recorded case. */
  static JsonObject read(String name) throws IOException {
    try (var in =
        Objects.requireNonNull(
            RecordedCase.class.getResourceAsStream("/" + FOLDER + "/" + name + ".json"))) {
      return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** Returns the types of the columns of the recorded table by name. */
  static Map<String, ColumnType> types(String name) throws IOException {
    return read(name).getJsonArray("columns").stream()
        .map(JsonObject.class::cast)
        .collect(
            Collectors.toMap(
                column -> column.getString("name"),
                column -> new ColumnType(column.getString("type"), !column.getBoolean("notNull"))));
  }

  static void write(String name, JsonObject found) throws IOException {
    for (var folder : new String[] {"src/test/resources", "target/test-classes"}) {
      var file = Path.of(folder, FOLDER, name + ".json");
      Files.createDirectories(file.getParent());
      Files.writeString(file, found.encodePrettily() + "\n");
    }
  }

  /** Returns the columns and the rows of the table {@code outboxevent}. */
  static JsonObject table(TestDatabase database) throws SQLException {
    var columns = new JsonArray();
    var rows = new JsonArray();
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      try (var found =
          statement.executeQuery(
              """
              select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute
              where attrelid = 'outboxevent'::regclass and attnum > 0 order by attnum""")) {
        while (found.next()) {
          columns.add(
              new JsonObject()
                  .put("name", found.getString(1))
                  .put("type", found.getString(2))
                  .put("notNull", found.getBoolean(3)));
        }
      }
      var list = new StringBuilder();
      for (int i = 0; i < columns.size(); i++) {
        list.append(i == 0 ? "" : ", ")
            .append(columns.getJsonObject(i).getString("name"))
            .append("::text");
      }
      try (var found = statement.executeQuery("select " + list + " from outboxevent order by 1")) {
        while (found.next()) {
          var row = new JsonObject();
          for (int i = 0; i < columns.size(); i++) {
            row.put(columns.getJsonObject(i).getString("name"), found.getString(i + 1));
          }
          rows.add(row);
        }
      }
    }
    return new JsonObject().put("columns", columns).put("rows", rows);
  }

  static JsonObject message(ReceivedMessage message) {
    var headers = new JsonObject();
    message.headers().forEach(headers::put);
    var payload = message.payload();
    return new JsonObject()
        .put("topic", message.properties().get("topic"))
        .put("key", message.key())
        .put("value", payload == null ? null : shown(payload.getBytes()))
        .put("headers", headers);
  }

  /** Returns the bytes as text if they are one, and in hexadecimal digits otherwise. */
  static String shown(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.indexOf('\ufffd') < 0 ? text : "hex:" + HexFormat.of().formatHex(bytes);
  }
}
