package io.outboxrelay.admin;

import io.outboxrelay.eventstatus.EventFilter;
import io.outboxrelay.eventstatus.EventStatus;
import io.outboxrelay.eventstatus.EventStatusQuery;
import io.outboxrelay.eventstatus.RecentEvents;
import io.outboxrelay.json.RecentEventJson;
import io.outboxrelay.metrics.DeliveryLog;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** The API operations that show recent events, and where the broker stored them. */
final class EventOperations {
  private final AdminConnections adminConnections;
  private final OutboxNames names;
  private final DeliveryLog deliveries;

  EventOperations(AdminConnections adminConnections, RelayInfo relayInfo) {
    this.adminConnections = adminConnections;
    this.names = relayInfo.names();
    this.deliveries = relayInfo.relay().metrics().deliveries();
    deliveries.enable();
  }

  void addTo(Map<String, ApiOperation> operations) {
    operations.put("listRecentEvents", this::list);
    operations.put("getRecentEvent", this::show);
  }

  private Future<ApiResponse> list(ApiRequest asked) {
    var filter =
        new EventFilter(
            asked.text("type"),
            asked.text("aggregateType"),
            asked.text("aggregate"),
            asked.time("since"),
            asked.time("until"),
            asked.number("after"));
    return adminConnections
        .visit(connection -> new RecentEvents(connection, names).find(filter, asked.limit()))
        .map(
            eventStatusQuery ->
                ApiResponse.of(
                    RecentEventJson.page(
                        eventStatusQuery,
                        deliveries.find(eventStatusQuery.stream().map(EventStatus::seq).toList()),
                        asked.limit())));
  }

  private Future<ApiResponse> show(ApiRequest asked) {
    long seq = asked.pathNumber("seq");
    return adminConnections.visit(
        connection ->
            Future.all(
                    new EventStatusQuery(connection, names).ofSeq(seq, 1),
                    new RecentEvents(connection, names).content(seq))
                .compose(
                    read -> {
                      List<EventStatus> eventStatusQuery = read.resultAt(0);
                      return eventStatusQuery.isEmpty()
                          ? Future.failedFuture(
                              new ApiException(
                                  404,
                                  "there is no event "
                                      + seq
                                      + " now: outbox.retention has removed it, or there never was"
                                      + " one"))
                          : Future.succeededFuture(
                              ApiResponse.of(
                                  RecentEventJson.detail(
                                      eventStatusQuery.get(0),
                                      deliveries.find(List.of(seq)).get(seq),
                                      read.resultAt(1))));
                    }));
  }
}
