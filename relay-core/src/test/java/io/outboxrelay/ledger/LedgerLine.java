package io.outboxrelay.ledger;

import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;

/** A message of the ledger: a JSON object with the headers and the payload in Base64. */
final class LedgerLine {
  private LedgerLine() {}

  static String of(OutboxEvent event) {
    // The event's own first, so that the relay's win.
    var headers = new LinkedHashMap<String, Object>(event.headers());
    headers.put(MessageHeaders.EVENT_ID, event.id().toString());
    headers.put(MessageHeaders.EVENT_TYPE, event.eventType());
    headers.put(MessageHeaders.EVENT_TIME, event.createdAt().toString());
    headers.put(MessageHeaders.EVENT_SEQUENCE, Long.toString(event.seq()));
    headers.put(MessageHeaders.AGGREGATE_TYPE, event.aggregateType());
    headers.put(MessageHeaders.AGGREGATE_ID, event.aggregateId());
    headers.put(MessageHeaders.CONTENT_TYPE, event.contentType());
    return new JsonObject()
        .put("key", event.aggregateId())
        .put("headers", new JsonObject(headers))
        .put("payload", event.payload())
        .encode();
  }
}
