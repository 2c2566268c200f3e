package io.outboxrelay.json;

import io.outboxrelay.outbox.ShownContent;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * Writes headers and payload of an event as JSON; if they are cut because they are large, also how
 * much is missing.
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

  /** Writes null for each value if the content is not kept any more. */
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
