package io.outboxrelay.deadletter;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The changes to a dead letter; values that are null or empty are not changed.
 *
 * @param payload the new payload's bytes
 * @param tombstone true to remove the payload
 * @param headers the headers to set, by name
 * @param removedHeaders the names of headers to remove
 */
public record DeadLetterEdit(
    @Nullable UUID id,
    @Nullable String aggregateType,
    @Nullable String aggregateId,
    @Nullable String eventType,
    @Nullable Buffer payload,
    boolean tombstone,
    Map<String, String> headers,
    List<String> removedHeaders) {

  public boolean isNothing() {
    return id == null
        && aggregateType == null
        && aggregateId == null
        && eventType == null
        && payload == null
        && !tombstone
        && !changesHeaders();
  }

  /** Returns the names of the changed fields, without values, for the audit. */
  String changed() {
    var names = new ArrayList<String>();
    if (id != null) {
      names.add("id");
    }
    if (aggregateType != null) {
      names.add("aggregate type");
    }
    if (aggregateId != null) {
      names.add("aggregate id");
    }
    if (eventType != null) {
      names.add("event type");
    }
    if (payload != null || tombstone) {
      names.add("payload");
    }
    if (changesHeaders()) {
      names.add("headers");
    }
    return String.join(", ", names);
  }

  boolean changesHeaders() {
    return !headers.isEmpty() || !removedHeaders.isEmpty();
  }

  String headersJson() {
    return new JsonObject(Map.copyOf(headers)).encode();
  }
}
