package io.outboxrelay.report;

import static io.outboxrelay.report.Words.text;
import static io.outboxrelay.report.Words.time;

import io.outboxrelay.deadletter.Desk;
import io.outboxrelay.deadletter.Listed;
import io.outboxrelay.deadletter.Parked;
import io.outboxrelay.deadletter.Shown;
import io.outboxrelay.deadletter.Tally;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What is told of dead letters. */
public final class DeadLetterReport {
  private DeadLetterReport() {}

  /**
   * One page of a list.
   *
   * @param most how many were asked for: where there are as many, there may be more
   */
  public static JsonObject page(List<Listed> page, int most, Desk.Standing total) {
    return new JsonObject()
        .put("items", new JsonArray(page.stream().map(DeadLetterReport::listed).toList()))
        .put("next", page.size() < most ? null : page.get(page.size() - 1).seq())
        .put("total", counts(total.count()).put("isMore", total.isMore()));
  }

  /** The numbers that every list and every status shows. */
  static JsonObject counts(Desk.Count count) {
    return new JsonObject()
        .put("rejected", count.rejected())
        .put("blocked", count.blocked())
        .put("deferred", count.deferred())
        .put("paused", count.paused())
        .put("parkedAggregates", count.aggregates());
  }

  static JsonObject listed(Listed letter) {
    return new JsonObject()
        .put("seq", letter.seq())
        .put("state", letter.state())
        .put("ordered", letter.ordered())
        .put("aggregateType", text(letter.aggregateType()))
        .put("aggregateId", text(letter.aggregateId()))
        .put("eventType", text(letter.eventType()))
        .put("destination", text(letter.destination()))
        .put("attempts", letter.attempts())
        .put("time", time(letter.time()))
        .put("reason", letter.reason());
  }

  /** All of one. */
  public static JsonObject shown(Shown shown) {
    return listed(shown.listed())
        .put("id", shown.id())
        .put("createdAt", time(shown.createdAt()))
        .put("buriedAt", time(shown.buriedAt()))
        .put("behind", shown.behind())
        .put("followers", shown.followers())
        .put("headers", LetterExportFormat.headers(shown.headers()))
        .put("payload", LetterExportFormat.payload(shown.payload(), shown.type()))
        .put("payloadFormat", LetterExportFormat.format(shown.type()))
        .put("defect", shown.defect())
        .put("version", shown.version());
  }

  /** What was done with some. */
  public static JsonObject changed(Tally tally, boolean dryRun, String sentence) {
    var refused = new JsonArray();
    for (long seq : tally.some()) {
      refused.add(
          new JsonObject()
              .put("seq", seq)
              .put("why", "it is being retried; see what comes of that"));
    }
    return new JsonObject()
        .put("chosen", tally.matched())
        .put("done", tally.done())
        .put("rejected", tally.rejected())
        .put("blocked", tally.blocked())
        .put("deferred", tally.deferred())
        .put("following", tally.following())
        .put("stillBlocked", tally.stillBlocked())
        .put("sentence", sentence)
        .put("refused", refused)
        .put("dryRun", dryRun);
  }

  /** One page of parked aggregates. */
  public static JsonObject parked(List<Parked> page, int most) {
    var items = new JsonArray();
    for (var parked : page) {
      items.add(
          new JsonObject()
              .put("aggregateType", parked.aggregateType())
              .put("aggregateId", parked.aggregateId())
              .put("reason", parked.reason())
              .put("since", time(parked.since()))
              .put("attempts", parked.attempts())
              .put("destination", parked.destination())
              .put("retried", parked.retried())
              .put("head", parked.head())
              .put("followers", parked.followers()));
    }
    return new JsonObject()
        .put("items", items)
        .put("next", page.size() < most ? null : page.get(page.size() - 1).head());
  }
}
