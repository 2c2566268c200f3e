package io.outboxrelay.example;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RequestBody;
import java.util.ArrayList;
import java.util.List;

/** The fields of a request about an employee. All mistakes are reported together. */
final class EmployeeForm {
  private static final int LONGEST = 100;

  private final JsonObject body;
  private final List<String> mistakes = new ArrayList<>();
  private final String name;
  private final String department;

  private EmployeeForm(JsonObject body) {
    this.body = body;
    this.name = text("name");
    this.department = text("department");
  }

  static EmployeeForm of(RequestBody body) {
    try {
      var json = body.asJsonObject();
      return new EmployeeForm(json == null ? new JsonObject() : json);
    } catch (DecodeException | ClassCastException e) {
      throw new HttpException(
          400, "the body is not a JSON object; write {\"name\": \"…\", \"department\": \"…\"}");
    }
  }

  private String text(String field) {
    if (body.getValue(field) instanceof String text
        && !text.isBlank()
        && text.length() <= LONGEST
        && text.indexOf('\0') < 0) {
      return text.strip();
    }
    mistakes.add(field + " has to be a text of 1 to " + LONGEST + " characters");
    return "";
  }

  EmployeeForm requireVersion() {
    if (!(body.getValue("version") instanceof Integer version && version >= 1)) {
      mistakes.add("version has to be the number of the version that you have read");
    }
    return this;
  }

  void refuseMistakes() {
    if (!mistakes.isEmpty()) {
      throw new HttpException(400, String.join("; ", mistakes));
    }
  }

  String name() {
    return name;
  }

  String department() {
    return department;
  }

  int version() {
    return body.getInteger("version");
  }
}
