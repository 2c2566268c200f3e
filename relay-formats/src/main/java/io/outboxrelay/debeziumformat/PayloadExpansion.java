package io.outboxrelay.debeziumformat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.outboxrelay.debezium.EventRouterConfig;
import io.outboxrelay.debezium.EventRouterConfig.JsonEmptyArrays;
import io.outboxrelay.debezium.EventRouterConfig.JsonNulls;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/**
 * Turns a payload that is the text of a JSON object into a structure, as {@code
 * table.expand.json.payload} of Debezium's router does.
 *
 * <p>The schema follows from the values. All elements of an array have one type. A field that is
 * null or an empty array is left out, unless the configuration keeps such fields.
 */
final class PayloadExpansion {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final EventRouterConfig.Payload config;
  private final String name;

  /**
   * @param name the name of the payload's column, which becomes the name of the schema
   */
  PayloadExpansion(EventRouterConfig.Payload config, String name) {
    this.config = config;
    this.name = name;
  }

  /** Returns the structure; null if the text has to be sent unchanged. */
  @Nullable SchemaAndValue of(String text) {
    if (!text.startsWith("{")) {
      return null;
    }
    try {
      var document = JSON.readTree(text);
      var schema = schema(name, document);
      return schema == null ? null : new SchemaAndValue(schema, value(document, schema));
    } catch (JsonProcessingException | DataException e) {
      return null;
    }
  }

  private @Nullable Schema schema(@Nullable String path, JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> Schema.OPTIONAL_STRING_SCHEMA;
      case BOOLEAN -> Schema.OPTIONAL_BOOLEAN_SCHEMA;
      case NUMBER -> number(node);
      case ARRAY -> array(path, node);
      case OBJECT -> object(path, node);
      case NULL -> config.nulls() == JsonNulls.OPTIONAL_BYTES ? Schema.OPTIONAL_BYTES_SCHEMA : null;
      default -> null;
    };
  }

  private static Schema number(JsonNode node) {
    if (node.isInt()) {
      return Schema.OPTIONAL_INT32_SCHEMA;
    }
    return node.isLong() ? Schema.OPTIONAL_INT64_SCHEMA : Schema.OPTIONAL_FLOAT64_SCHEMA;
  }

  private Schema object(@Nullable String path, JsonNode node) {
    var builder = SchemaBuilder.struct().name(path).optional();
    node.fields()
        .forEachRemaining(
            entry -> {
              String below =
                  path == null || path.isBlank() ? entry.getKey() : path + "." + entry.getKey();
              var schema = schema(below, entry.getValue());
              if (schema != null) {
                builder.field(entry.getKey(), schema);
              }
            });
    return builder.build();
  }

  private @Nullable Schema array(@Nullable String path, JsonNode node) {
    if (node.isEmpty()) {
      return config.emptyArrays() == JsonEmptyArrays.OPTIONAL_STRING
          ? SchemaBuilder.array(Schema.OPTIONAL_STRING_SCHEMA).optional().build()
          : null;
    }
    return SchemaBuilder.array(element(path, node)).optional().build();
  }

  private Schema element(@Nullable String path, JsonNode array) {
    JsonNode first = first(array);
    if (first.getNodeType() == JsonNodeType.OBJECT) {
      var distinct = new LinkedHashSet<Schema>();
      for (var element : array) {
        if (element.isObject()) {
          distinct.add(object(path, element));
        }
      }
      return distinct.stream().reduce(PayloadExpansion::merged).orElseThrow();
    }
    var schema = schema(null, first);
    if (schema == null) {
      throw new DataException("an array has elements without a type");
    }
    return schema;
  }

  /**
   * Returns the first element that is not null, or a null if there is none. Throws {@link
   * DataException} if another element has a different type.
   */
  private static JsonNode first(JsonNode array) {
    JsonNode first = array.get(0);
    for (var element : array) {
      if (element.isNull()) {
        continue;
      }
      if (first.isNull()) {
        first = element;
      }
      boolean isSame =
          element.getNodeType() == first.getNodeType()
              && (!element.isNumber() || number(element).equals(number(first)));
      if (!isSame) {
        throw new DataException("an array has elements of several types");
      }
    }
    return first;
  }

  /**
   * Returns a schema with the fields of both schemas. If a field is in both, and its type in one of
   * them stands for a null, its type in the other is used. The result is not optional, as in
   * Debezium.
   */
  private static Schema merged(Schema left, Schema right) {
    Map<String, Schema> fields = new LinkedHashMap<>();
    left.fields().forEach(field -> fields.put(field.name(), field.schema()));
    for (Field field : right.fields()) {
      var other = fields.get(field.name());
      if (other == null || other.type() == Schema.Type.BYTES) {
        fields.put(field.name(), field.schema());
      }
    }
    var builder = SchemaBuilder.struct().name(left.name());
    fields.forEach(builder::field);
    return builder.build();
  }

  private static Struct value(JsonNode document, Schema schema) {
    var struct = new Struct(schema);
    for (Field field : schema.fields()) {
      var node = document.get(field.name());
      if (node != null) {
        struct.put(field, fieldValue(node, field.schema()));
      }
    }
    return struct;
  }

  private static @Nullable Object fieldValue(JsonNode node, Schema schema) {
    return switch (node.getNodeType()) {
      case STRING -> node.asText();
      case BOOLEAN -> node.asBoolean();
      case NUMBER -> numberValue(node);
      case ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>(node.size());
        node.forEach(element -> list.add(fieldValue(element, schema.valueSchema())));
        yield list;
      }
      case OBJECT -> value(node, schema);
      default -> null;
    };
  }

  private static Object numberValue(JsonNode node) {
    if (node.isInt()) {
      return node.asInt();
    }
    if (node.isLong()) {
      return node.asLong();
    }
    return node.isFloatingPointNumber() ? (Object) node.asDouble() : node.decimalValue();
  }
}
