package io.outboxrelay.report;

import io.outboxrelay.fate.Fate;
import io.outboxrelay.fate.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What is told of events. */
public final class FateReport {
  private static final String NOWHERE =
      "it is not in the outbox and not in the dead letters: its transaction has not been committed"
          + " (yet), or it was removed after outbox.retention, or it never was there";

  private FateReport() {}

  /**
   * Those that were found.
   *
   * @param sought what to say of the one that was sought by its number or id, where there is none;
   *     empty for a search that may find nothing
   */
  public static JsonObject of(List<Fate> fates, JsonObject sought) {
    var items = new JsonArray();
    for (var fate : fates) {
      items.add(
          new JsonObject()
              .put("seq", fate.seq())
              .put("id", fate.id())
              .put("aggregateType", fate.aggregateType())
              .put("aggregateId", fate.aggregateId())
              .put("eventType", fate.eventType())
              .put("createdAt", Words.time(fate.createdAt()))
              .put("status", fate.status().written())
              .put("sentence", fate.sentence())
              .put("discardedBy", fate.discardedBy())
              .put("discardedAt", Words.time(fate.discardedAt())));
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
        .put("sentence", NOWHERE)
        .putNull("discardedBy")
        .putNull("discardedAt");
  }
}
