package io.outboxrelay.report;

import io.outboxrelay.fate.Fate;
import io.outboxrelay.fate.RecentEvents;
import io.outboxrelay.metrics.DeliveryLog;
import io.outboxrelay.publish.DeliveryReceipts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is told of recent events: what became of each, and where the broker stored it. */
public final class RecentEventReport {
  private RecentEventReport() {}

  /**
   * One page of the latest events.
   *
   * @param most how many were asked for: if there are as many, there may be more
   */
  public static JsonObject page(
      List<Fate> fates, Map<Long, DeliveryLog.Receipt> receipts, int most) {
    var told = FateReport.of(fates, new JsonObject());
    var items = new JsonArray();
    for (int i = 0; i < fates.size(); i++) {
      items.add(
          told.getJsonArray("items")
              .getJsonObject(i)
              .put("delivery", delivery(receipts.get(fates.get(i).seq()))));
    }
    return new JsonObject()
        .put("items", items)
        .put("next", fates.size() < most ? null : fates.get(fates.size() - 1).seq());
  }

  /** All of one event; without its content if that is not kept any more. */
  public static JsonObject detail(
      Fate fate, DeliveryLog.@Nullable Receipt receipt, Optional<RecentEvents.Content> content) {
    return FateReport.of(List.of(fate), new JsonObject())
        .getJsonArray("items")
        .getJsonObject(0)
        .put("delivery", delivery(receipt))
        .put("headers", content.map(c -> LetterExportFormat.headers(c.headers())).orElse(null))
        .put(
            "payload",
            content.map(c -> LetterExportFormat.payload(c.payload(), c.type())).orElse(null))
        .put("payloadFormat", content.map(c -> LetterExportFormat.format(c.type())).orElse(null));
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
