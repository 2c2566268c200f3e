package io.outboxrelay.admin;

import io.outboxrelay.fate.EventFilter;
import io.outboxrelay.fate.Fate;
import io.outboxrelay.fate.Fates;
import io.outboxrelay.fate.RecentEvents;
import io.outboxrelay.metrics.DeliveryLog;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.report.RecentEventReport;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** Shows recent events, and where the broker stored them. */
final class EventOperations {
  private final Visits visits;
  private final OutboxNames names;
  private final DeliveryLog deliveries;

  EventOperations(Visits visits, Standpoint standpoint) {
    this.visits = visits;
    this.names = standpoint.names();
    this.deliveries = standpoint.relay().meters().deliveries();
    deliveries.enable();
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("listRecentEvents", this::list);
    operations.put("getRecentEvent", this::show);
  }

  private Future<Answer> list(Asked asked) {
    var filter =
        new EventFilter(
            asked.text("type"),
            asked.text("aggregateType"),
            asked.text("aggregate"),
            asked.time("since"),
            asked.time("until"),
            asked.number("after"));
    return visits
        .visit(connection -> new RecentEvents(connection, names).find(filter, asked.limit()))
        .map(
            fates ->
                Answer.of(
                    RecentEventReport.page(
                        fates,
                        deliveries.find(fates.stream().map(Fate::seq).toList()),
                        asked.limit())));
  }

  private Future<Answer> show(Asked asked) {
    long seq = asked.pathNumber("seq");
    return visits.visit(
        connection ->
            Future.all(
                    new Fates(connection, names).ofSeq(seq, 1),
                    new RecentEvents(connection, names).content(seq))
                .compose(
                    read -> {
                      List<Fate> fates = read.resultAt(0);
                      return fates.isEmpty()
                          ? Future.failedFuture(
                              new Refusal(
                                  404,
                                  "there is no event "
                                      + seq
                                      + " (any more): outbox.retention has removed it, or it never"
                                      + " was"))
                          : Future.succeededFuture(
                              Answer.of(
                                  RecentEventReport.detail(
                                      fates.get(0),
                                      deliveries.find(List.of(seq)).get(seq),
                                      read.resultAt(1))));
                    }));
  }
}
