package io.outboxrelay.example;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.UUID;

/**
 * An employee of the company.
 *
 * @param version 1 at first, and increased by one with every change
 */
record Employee(UUID id, int version, String name, String department) {

  static Employee of(Row row) {
    return new Employee(
        row.getUUID("id"),
        row.getInteger("version"),
        row.getString("name"),
        row.getString("department"));
  }

  static Employee of(JsonObject json) {
    return new Employee(
        UUID.fromString(json.getString("id")),
        json.getInteger("version"),
        json.getString("name"),
        json.getString("department"));
  }

  JsonObject toJson() {
    return JsonObject.of(
        "id", id.toString(), "version", version, "name", name, "department", department);
  }
}
