package io.outboxrelay.json;

import io.outboxrelay.eventstatus.EventStatus;
import io.outboxrelay.eventstatus.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Writes the status of events as JSON. */
public final class EventStatusJson {
  private static final String NOWHERE =
      "it is not in the outbox and not in the dead letters: its transaction has not been committed"
          + " (yet), or it was removed after outbox.retention, or it never was there";

  private EventStatusJson() {}

  /**
   * Writes the events that were found.
   *
   * @param sought the sequence number or the id that was searched for; if nothing was found, it is
   *     reported as an unknown event. Empty for a search that may have no result
   */
  public static JsonObject of(List<EventStatus> eventStatusQuery, JsonObject sought) {
    var items = new JsonArray();
    for (var eventStatus : eventStatusQuery) {
      items.add(
          new JsonObject()
              .put("seq", eventStatus.seq())
              .put("id", eventStatus.identity().id())
              .put("aggregateType", eventStatus.identity().aggregateType())
              .put("aggregateId", eventStatus.identity().aggregateId())
              .put("eventType", eventStatus.identity().eventType())
              .put("createdAt", JsonFormat.time(eventStatus.identity().createdAt()))
              .put("status", eventStatus.status().written())
              .put("message", eventStatus.sentence())
              .put("discardedBy", eventStatus.discard().by())
              .put("discardedAt", JsonFormat.time(eventStatus.discard().at())));
    }
    if (items.isEmpty() && !sought.isEmpty()) {
      items.add(unknown(sought));
    }
    return new JsonObject().put("items", items);
  }

  private static JsonObject unknown(JsonObject sought) {
    return new JsonObject()
        .put("seq", sought.getValue("seq"))
        .put("id", sought.getValue("id"))
        .putNull("aggregateType")
        .putNull("aggregateId")
        .putNull("eventType")
        .putNull("createdAt")
        .put("status", Status.UNKNOWN.written())
        .put("message", NOWHERE)
        .putNull("discardedBy")
        .putNull("discardedAt");
  }
}
