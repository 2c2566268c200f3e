package io.outboxrelay.json;

import io.outboxrelay.outbox.ShownContent;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * Writes headers and payload of an event as JSON. If one of them was cut because it is large,
 * writes a sentence about the missing part as well.
 */
final class EventContentJson {
  private static final List<String> NAMES =
      List.of(
          "headers",
          "headersIncomplete",
          "payload",
          "payloadFormat",
          "payloadBytes",
          "payloadIncomplete");

  private EventContentJson() {}

  static JsonObject of(ShownContent content) {
    var type = content.source().type();
    return new JsonObject()
        .put("headers", DeadLetterExportFormat.headers(content.headers().text()))
        .put("headersIncomplete", content.headersIncomplete())
        .put("payload", DeadLetterExportFormat.payload(content.payload().text(), type))
        .put("payloadFormat", DeadLetterExportFormat.format(type))
        .put("payloadBytes", content.payload().bytes())
        .put("payloadIncomplete", content.payloadIncomplete());
  }

  /**
   * Writes the headers and the payload. If the content is not kept any more, each value is null.
   */
  static JsonObject of(Optional<ShownContent> content) {
    return content
        .map(EventContentJson::of)
        .orElseGet(
            () -> {
              var json = new JsonObject();
              NAMES.forEach(json::putNull);
              return json;
            });
  }
}
