package io.outboxrelay.json;

import io.outboxrelay.eventstatus.EventStatus;
import io.outboxrelay.metrics.DeliveryLog;
import io.outboxrelay.outbox.ShownContent;
import io.outboxrelay.publish.DeliveryReceipts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes recent events as JSON: the status of each, and where the broker stored it. */
public final class RecentEventJson {
  private RecentEventJson() {}

  /**
   * Writes one page of the latest events.
   *
   * @param most the requested number of items; if the page has as many items, there may be further
   *     ones
   */
  public static JsonObject page(
      List<EventStatus> eventStatusQuery, Map<Long, DeliveryLog.Receipt> receipts, int most) {
    var told = EventStatusJson.of(eventStatusQuery, new JsonObject());
    var items = new JsonArray();
    for (int i = 0; i < eventStatusQuery.size(); i++) {
      items.add(
          told.getJsonArray("items")
              .getJsonObject(i)
              .put("delivery", delivery(receipts.get(eventStatusQuery.get(i).seq()))));
    }
    return new JsonObject()
        .put("items", items)
        .put(
            "next",
            eventStatusQuery.size() < most
                ? null
                : eventStatusQuery.get(eventStatusQuery.size() - 1).seq());
  }

  /**
   * Writes all details of one event; the headers and the payload are null if they are not kept any
   * more.
   */
  public static JsonObject detail(
      EventStatus eventStatus,
      DeliveryLog.@Nullable Receipt receipt,
      Optional<ShownContent> content) {
    return EventStatusJson.of(List.of(eventStatus), new JsonObject())
        .getJsonArray("items")
        .getJsonObject(0)
        .put("delivery", delivery(receipt))
        .mergeIn(EventContentJson.of(content));
  }

  private static @Nullable JsonObject delivery(DeliveryLog.@Nullable Receipt receipt) {
    if (receipt == null) {
      return null;
    }
    boolean partitioned = receipt.partition() != DeliveryReceipts.NO_PARTITION;
    boolean positioned = receipt.offset() != DeliveryReceipts.NO_OFFSET;
    return new JsonObject()
        .put("destination", receipt.destination())
        .put("routingKey", receipt.routingKey())
        .put("partition", partitioned ? receipt.partition() : null)
        .put("offset", positioned ? receipt.offset() : null)
        .put("at", receipt.at().toString());
  }
}
