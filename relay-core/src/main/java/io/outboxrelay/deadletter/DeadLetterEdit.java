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
 * @param payload the new payload; null to keep the present one
 */
public record DeadLetterEdit(
    @Nullable UUID id,
    @Nullable String aggregateType,
    @Nullable String aggregateId,
    @Nullable String eventType,
    @Nullable NewPayload payload,
    HeaderChanges headers) {
  /**
   * A payload that replaces the present one.
   *
   * @param bytes null for a tombstone
   */
  public record NewPayload(@Nullable Buffer bytes) {}

  /**
   * The changes to the headers.
   *
   * @param set the headers to set, by name
   * @param removed the names of headers to remove
   */
  public record HeaderChanges(Map<String, String> set, List<String> removed) {
    public static final HeaderChanges NONE = new HeaderChanges(Map.of(), List.of());

    boolean isNothing() {
      return set.isEmpty() && removed.isEmpty();
    }

    String setAsJson() {
      return new JsonObject(Map.copyOf(set)).encode();
    }
  }

  public boolean isNothing() {
    return id == null
        && aggregateType == null
        && aggregateId == null
        && eventType == null
        && payload == null
        && headers.isNothing();
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
    if (payload != null) {
      names.add("payload");
    }
    if (!headers.isNothing()) {
      names.add("headers");
    }
    return String.join(", ", names);
  }
}
