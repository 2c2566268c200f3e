package io.outboxrelay.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Draws random requests from an OpenAPI document: valid, nearly valid and invalid ones. */
final class RequestGenerator {
  private static final List<String> ODD_TEXTS =
      List.of(
          "",
          " ",
          "\u0000",
          "\ud800",
          "%",
          "%zz",
          "a+b",
          "'; drop table outbox; --",
          "\"",
          "\n",
          "*",
          "**a*",
          "\\",
          "_%",
          "-1",
          "1e400",
          "[1]",
          "null",
          "infinity",
          "2026-02-30",
          "2026-03-01",
          "2026-03-01T12:30:00Z",
          "-999999999-01-01T00:00:00Z",
          "+999999999-12-31T23:59:59Z",
          "../..",
          "a-1",
          "a".repeat(1_000),
          "a".repeat(1_001),
          "\ud83d\ude00".repeat(1_000),
          "\u4e00\u5001\u6002".repeat(333));

  private static final List<Object> ODD_NUMBERS =
      List.of(
          0,
          -1,
          1,
          2,
          1_000,
          1_001,
          Integer.MAX_VALUE,
          1L << 31,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          BigInteger.TWO.pow(64),
          1.5,
          1.0,
          1e300);

  private final JsonObject document;
  private final Random random;

  /** The request. */
  record Request(String path, Map<String, String> headers, @Nullable Buffer body) {}

  RequestGenerator(JsonObject document, Random random) {
    this.document = document;
    this.random = random;
  }

  Request of(String template, String method) {
    var path = document.getJsonObject("paths").getJsonObject(template);
    var operation = path.getJsonObject(method);
    var parameters = new ArrayList<JsonObject>();
    for (var holder : List.of(path, operation)) {
      holder
          .getJsonArray("parameters", new JsonArray())
          .forEach(parameter -> parameters.add((JsonObject) parameter));
    }
    String address = template;
    var query = new ArrayList<String>();
    var headers = new LinkedHashMap<String, String>();
    for (var parameter : parameters) {
      String name = parameter.getString("name");
      String value = written(value(parameter.getJsonObject("schema")));
      switch (parameter.getString("in")) {
        case "path" -> address = address.replace("{" + name + "}", encoded(value));
        case "query" -> {
          if (random.nextInt(3) == 0) {
            query.add(name + "=" + encoded(value));
          }
        }
        default -> {
          if (value.matches("[ -~]+")) {
            headers.put(name, random.nextBoolean() ? value : "\"" + random.nextInt(9) + "\"");
          }
        }
      }
    }
    if (random.nextInt(20) == 0) {
      query.add("unknown=" + encoded(pick(ODD_TEXTS)));
    }
    return new Request(
        address + (query.isEmpty() ? "" : "?" + String.join("&", query)),
        headers,
        operation.containsKey("requestBody") ? body(operation) : null);
  }

  private Buffer body(JsonObject operation) {
    if (random.nextInt(15) == 0) {
      return Buffer.buffer(
          pick(List.of("", "{", "[]", "null", "1", "[".repeat(5_000), "{\"a\":1}")));
    }
    var schema =
        operation
            .getJsonObject("requestBody")
            .getJsonObject("content")
            .getJsonObject("application/json")
            .getJsonObject("schema");
    return Buffer.buffer(escaped(Json.encode(value(schema))));
  }

  /** Escapes unpaired surrogates, because UTF-8 cannot encode them. */
  private static String escaped(String json) {
    var escaped = new StringBuilder();
    json.codePoints()
        .forEach(
            at -> {
              if (at >= 0xd800 && at <= 0xdfff) {
                escaped.append("\\u%04x".formatted(at));
              } else {
                escaped.appendCodePoint(at);
              }
            });
    return escaped.toString();
  }

  private @Nullable Object value(JsonObject given) {
    var schema = resolved(given);
    if (random.nextInt(12) == 0) {
      return anything();
    }
    if (schema.containsKey("enum")) {
      return random.nextInt(8) == 0
          ? pick(ODD_TEXTS)
          : pick(schema.getJsonArray("enum").stream().toList());
    }
    Object type = schema.getValue("type");
    String one =
        type instanceof JsonArray some
            ? some.getString(random.nextInt(some.size()))
            : (String) type;
    return switch (String.valueOf(one)) {
      case "object" -> object(schema);
      case "array" -> array(schema);
      case "integer", "number" -> random.nextBoolean() ? 1 + random.nextInt(30) : pick(ODD_NUMBERS);
      case "boolean" -> random.nextBoolean();
      case "null" -> null;
      default -> text(schema);
    };
  }

  private @Nullable Object anything() {
    return switch (random.nextInt(5)) {
      case 0 -> pick(ODD_TEXTS);
      case 1 -> pick(ODD_NUMBERS);
      case 2 -> new JsonArray().add(1);
      case 3 -> new JsonObject().put("a", pick(ODD_TEXTS));
      default -> null;
    };
  }

  private Object text(JsonObject schema) {
    if (random.nextInt(3) == 0) {
      return pick(ODD_TEXTS);
    }
    return switch (schema.getString("format", "")) {
      case "uuid" -> new UUID(random.nextLong(), random.nextLong()).toString();
      case "date-time" -> "2026-0%d-01T00:00:00Z".formatted(1 + random.nextInt(9));
      default -> "a-" + random.nextInt(5);
    };
  }

  private JsonArray array(JsonObject schema) {
    var array = new JsonArray();
    int size = random.nextInt(4);
    for (int i = 0; i < size; i++) {
      array.add(value(schema.getJsonObject("items", new JsonObject().put("type", "integer"))));
    }
    return array;
  }

  private JsonObject object(JsonObject schema) {
    var object = new JsonObject();
    var required = schema.getJsonArray("required", new JsonArray());
    for (var property : schema.getJsonObject("properties", new JsonObject())) {
      if (required.contains(property.getKey()) ? random.nextInt(20) > 0 : random.nextInt(4) == 0) {
        object.put(property.getKey(), value((JsonObject) property.getValue()));
      }
    }
    if (schema.getValue("additionalProperties") instanceof JsonObject more) {
      object.put(pick(List.of("tenant", "event-id", "", "\u0000", "a b")), value(more));
    } else if (random.nextInt(20) == 0) {
      object.put("unknown", 1);
    }
    return object;
  }

  private JsonObject resolved(JsonObject schema) {
    String reference = schema.getString("$ref");
    if (reference == null) {
      return schema;
    }
    var found = document;
    for (String step : reference.substring("#/".length()).split("/")) {
      found = found.getJsonObject(step);
    }
    return found;
  }

  private <T> T pick(List<? extends T> some) {
    return some.get(random.nextInt(some.size()));
  }

  private static String written(@Nullable Object value) {
    return value instanceof JsonObject || value instanceof JsonArray
        ? Json.encode(value)
        : String.valueOf(value);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
