package io.outboxrelay.messageformat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.util.RawValue;
import io.cloudevents.CloudEventData;
import io.cloudevents.jackson.JsonCloudEventData;
import io.outboxrelay.publish.PublishException.Rejected;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Converts a payload to the data of a CloudEvent that is written in JSON. */
final class JsonData {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonData() {}

  /** Returns true for {@code application/json} and all types that end in {@code +json}. */
  static boolean isJson(String contentType) {
    int end = contentType.indexOf(';');
    String type = (end < 0 ? contentType : contentType.substring(0, end)).strip();
    String lower = type.toLowerCase(Locale.ROOT);
    return lower.endsWith("/json") || lower.endsWith("+json");
  }

  /**
   * Returns data that is written unchanged. Use it only if the database has verified that the
   * payload is JSON.
   */
  static CloudEventData verbatim(Buffer payload) {
    return JsonCloudEventData.wrap(
        JsonNodeFactory.instance.rawValueNode(new RawValue(payload.toString())));
  }

  /**
   * Returns data that is written unchanged, after verifying that it is JSON.
   *
   * @throws Rejected if the payload is not one JSON value
   */
  static CloudEventData verified(Buffer payload, String contentType) {
    try (var parser = JSON.createParser(payload.getBytes())) {
      boolean isEmpty = parser.nextToken() == null;
      parser.skipChildren();
      if (isEmpty || parser.nextToken() != null) {
        throw notJson(contentType, isEmpty ? "it is empty" : "it is more than one value", null);
      }
    } catch (JsonProcessingException e) {
      throw notJson(contentType, e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return verbatim(payload);
  }

  private static Rejected notJson(String contentType, String reason, @Nullable Exception cause) {
    return new Rejected(
        "its payload is no JSON, although its CloudEvents attribute datacontenttype is %s: %s"
            .formatted(contentType, reason),
        cause);
  }
}
