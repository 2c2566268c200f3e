package io.outboxrelay.json;

import static io.outboxrelay.json.JsonFormat.text;
import static io.outboxrelay.json.JsonFormat.time;

import io.outboxrelay.deadletter.BulkResult;
import io.outboxrelay.deadletter.DeadLetterCounts;
import io.outboxrelay.deadletter.DeadLetterDetails;
import io.outboxrelay.deadletter.DeadLetterStats;
import io.outboxrelay.deadletter.DeadLetterSummary;
import io.outboxrelay.deadletter.ParkedAggregate;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Writes dead letters as JSON, for lists, single events and the results of bulk commands. */
public final class DeadLetterJson {
  private DeadLetterJson() {}

  /**
   * Writes one page of a list.
   *
   * @param most the requested number of items; if the page has as many items, there may be further
   *     ones
   * @param total the counts of all dead letters
   */
  public static JsonObject page(List<DeadLetterSummary> page, int most, DeadLetterStats total) {
    return new JsonObject()
        .put("items", new JsonArray(page.stream().map(DeadLetterJson::listed).toList()))
        .put("next", page.size() < most ? null : page.get(page.size() - 1).seq())
        .put("total", counts(total.count()).put("isLowerBound", total.isMore()));
  }

  /** Writes the counts of dead letters that both the lists and the status contain. */
  static JsonObject counts(DeadLetterCounts count) {
    return new JsonObject()
        .put("rejected", count.rejected())
        .put("blocked", count.blocked())
        .put("deferred", count.deferred())
        .put("paused", count.paused())
        .put("parkedAggregates", count.aggregates());
  }

  static JsonObject listed(DeadLetterSummary deadLetter) {
    return new JsonObject()
        .put("seq", deadLetter.seq())
        .put("state", deadLetter.state())
        .put("ordered", deadLetter.ordered())
        .put("aggregateType", text(deadLetter.subject().aggregateType()))
        .put("aggregateId", text(deadLetter.subject().aggregateId()))
        .put("eventType", text(deadLetter.subject().eventType()))
        .put("destination", text(deadLetter.destination()))
        .put("attempts", deadLetter.failure().attempts())
        .put("time", time(deadLetter.failure().time()))
        .put("reason", deadLetter.failure().reason());
  }

  /** Writes one dead letter with its headers and its payload. */
  public static JsonObject shown(DeadLetterDetails shown) {
    var stored = shown.stored();
    return listed(stored.listed())
        .put("id", stored.id())
        .put("createdAt", time(stored.createdAt()))
        .put("deadLetteredAt", time(stored.deadLetteredAt()))
        .put("eventsBefore", shown.behind())
        .put("eventsBehind", shown.followers())
        .mergeIn(EventContentJson.of(stored.content()))
        .put("defect", shown.defect())
        .put("version", shown.version());
  }

  /** Writes the result of a retry or a discard. */
  public static JsonObject changed(BulkResult bulkResult, boolean dryRun, String sentence) {
    var refused = new JsonArray();
    for (long seq : bulkResult.busy().some()) {
      refused.add(
          new JsonObject()
              .put("seq", seq)
              .put("reason", "it is being retried; wait for the outcome"));
    }
    return new JsonObject()
        .put("matched", bulkResult.matched())
        .put("done", bulkResult.done())
        .put("rejected", bulkResult.changed().rejected())
        .put("blocked", bulkResult.changed().blocked())
        .put("deferred", bulkResult.changed().deferred())
        .put("unblocked", bulkResult.following())
        .put("stillBlocked", bulkResult.stillBlocked())
        .put("message", sentence)
        .put("refused", refused)
        .put("dryRun", dryRun);
  }

  /** Writes one page of parked aggregates. */
  public static JsonObject parked(List<ParkedAggregate> page, int most) {
    var items = new JsonArray();
    for (var parked : page) {
      items.add(
          new JsonObject()
              .put("aggregateType", parked.aggregateType())
              .put("aggregateId", parked.aggregateId())
              .put("reason", parked.rejection().reason())
              .put("since", time(parked.rejection().since()))
              .put("attempts", parked.rejection().attempts())
              .put("destination", parked.rejection().destination())
              .put("redelivering", parked.retried())
              .put("head", parked.head())
              .put("eventsBehind", parked.followers()));
    }
    return new JsonObject()
        .put("items", items)
        .put("next", page.size() < most ? null : page.get(page.size() - 1).head());
  }
}
