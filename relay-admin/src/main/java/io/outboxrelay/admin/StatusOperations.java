package io.outboxrelay.admin;

import io.outboxrelay.eventstatus.EventStatus;
import io.outboxrelay.eventstatus.EventStatusQuery;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.json.EventStatusJson;
import io.outboxrelay.json.InstanceJson;
import io.outboxrelay.json.StatusJson;
import io.outboxrelay.membership.RelayInstance;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.pause.Pauses;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.StatusInputs;
import io.outboxrelay.status.StatusSnapshot;
import io.outboxrelay.status.UndeliveredEvents.PausesInForce;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgConnection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The API operations that report the status, the history, the relay instances, the status of
 * events, the caller and the settings. They change nothing.
 */
final class StatusOperations {
  private final AdminConnections adminConnections;
  private final RelayInfo relayInfo;
  private final OutboxNames names;
  private final MetricsHistory history;

  StatusOperations(AdminConnections adminConnections, RelayInfo relayInfo, MetricsHistory history) {
    this.adminConnections = adminConnections;
    this.relayInfo = relayInfo;
    this.names = relayInfo.names();
    this.history = history;
  }

  void addTo(Map<String, ApiOperation> operations) {
    operations.put("getStatus", this::status);
    operations.put("getHistory", this::history);
    operations.put("getInstances", this::instances);
    operations.put("findEvents", this::events);
    operations.put("getCaller", this::caller);
    operations.put("getSettings", this::settings);
  }

  private Future<ApiResponse> status(ApiRequest asked) {
    return adminConnections
        .visit(connection -> StatusSnapshot.read(connection, names))
        .map(standings -> ApiResponse.of(status(standings)));
  }

  private JsonObject status(StatusSnapshot standings) {
    var relay = relayInfo.relay();
    var evidence = relay.evidence();
    var verdict =
        RelayStatus.of(evidence.withPauses(PausesInForce.of(standings.pauses())))
            .with(relay.secondary().clauses());
    var mine = new HashSet<>(relay.ownedShards());
    return StatusJson.of(standings, names, relayInfo.configuration().database().summary(), mine)
        .put("status", StatusJson.of(verdict))
        .put(
            "relay",
            new JsonObject()
                .put("name", relayInfo.name())
                .put("version", relayInfo.version())
                .put("startedAt", relayInfo.startedAt().toString())
                .put("broker", relayInfo.configuration().broker().summary())
                .put("route", relayInfo.configuration().broker().route()))
        .put("backlog", path(standings))
        .put("destinations", destinations(standings.pauses(), evidence));
  }

  private JsonObject path(StatusSnapshot standings) {
    var deadLetters = standings.deadLetters();
    return new JsonObject()
        .put("waiting", standings.waiting())
        .put("readAhead", readAhead())
        .put("inFlight", relayInfo.relay().health().inFlight())
        .put("rejected", deadLetters.count().rejected())
        .put("blocked", deadLetters.count().blocked())
        .put("deferred", deadLetters.count().deferred())
        .put("paused", deadLetters.count().paused())
        .put("parkedAggregates", deadLetters.count().aggregates())
        .put("retrying", deadLetters.retried());
  }

  private long readAhead() {
    return led().mapToLong(ShardHealth::readAheadEvents).sum();
  }

  private Stream<ShardHealth> led() {
    var relay = relayInfo.relay();
    return relay.ownedShards().stream().map(shard -> relay.health().shard(shard));
  }

  private JsonArray destinations(Pauses pauses, StatusInputs evidence) {
    var openBreakers = new HashMap<String, String>();
    var failing = new HashMap<String, String>();
    led().forEach(shard -> openBreakers.putAll(shard.openBreakers()));
    led().forEach(shard -> failing.putAll(shard.failing()));
    var states =
        new DestinationStates(
            pauses,
            openBreakers,
            failing,
            evidence.problems().broker().map(OngoingProblem.Observed::what),
            !relayInfo.relay().ownedShards().isEmpty());
    var told = new JsonArray();
    var seen = new HashSet<String>();
    for (var counted : relayInfo.relay().metrics().destinations().entrySet()) {
      String destination = counted.getKey();
      var figures = counted.getValue();
      seen.add(destination);
      told.add(
          states
              .report(destination)
              .put("published", figures.confirmed())
              .put("rejected", figures.rejected()));
    }
    openBreakers.keySet().stream()
        .filter(destination -> !seen.contains(destination))
        .limit(100)
        .forEach(
            destination ->
                told.add(states.report(destination).put("published", 0).put("rejected", 0)));
    return told;
  }

  private Future<ApiResponse> history(ApiRequest asked) {
    Long seconds = asked.number("seconds");
    return Future.succeededFuture(
        ApiResponse.of(history.last(relayInfo.name(), seconds == null ? 900 : seconds)));
  }

  private Future<ApiResponse> instances(ApiRequest asked) {
    return adminConnections
        .visit(connection -> RelayInstance.find(connection, names))
        .map(
            instances ->
                ApiResponse.of(
                    InstanceJson.of(
                        instances, relayInfo.name(), OptionalInt.of(relayInfo.relay().number()))));
  }

  private Future<ApiResponse> events(ApiRequest asked) {
    Long seq = asked.number("seq");
    String id = asked.text("id");
    String aggregate = asked.text("aggregate");
    if (Stream.of(seq, id, aggregate).filter(Objects::nonNull).count() != 1) {
      throw new ApiException(
          400, "name one of seq, id and aggregate, to say which events are meant");
    }
    var sought = new JsonObject();
    if (aggregate == null) {
      sought.put("seq", seq).put("id", id);
    }
    return adminConnections
        .visit(connection -> find(connection, asked.limit(), seq, id, aggregate))
        .map(eventStatusQuery -> ApiResponse.of(EventStatusJson.of(eventStatusQuery, sought)));
  }

  private Future<List<EventStatus>> find(
      PgConnection connection,
      int most,
      @Nullable Long seq,
      @Nullable String id,
      @Nullable String aggregate) {
    var eventStatusQuery = new EventStatusQuery(connection, names);
    if (seq != null) {
      return eventStatusQuery.ofSeq(seq, most);
    }
    return id != null
        ? eventStatusQuery.ofId(DeadLetterOperations.uuid(id), most)
        : eventStatusQuery.ofAggregate(Objects.requireNonNull(aggregate), most);
  }

  /**
   * Reports the caller's name and role. The console uses the role to show the controls for changes
   * only to operators.
   */
  private Future<ApiResponse> caller(ApiRequest asked) {
    return Future.succeededFuture(
        ApiResponse.of(
            new JsonObject()
                .put("name", asked.author().name())
                .put("role", asked.mayChange() ? "operator" : "read-only")));
  }

  private Future<ApiResponse> settings(ApiRequest asked) {
    var items = new JsonArray();
    for (var setting : relayInfo.configuration().settings()) {
      items.add(
          new JsonObject()
              .put("key", setting.key())
              .put("value", setting.value().orElse(null))
              .put("isDefault", setting.isDefault()));
    }
    return Future.succeededFuture(
        ApiResponse.of(
            new JsonObject()
                .put("answeredBy", relayInfo.name())
                .put("source", relayInfo.configuration().source())
                .put("items", items)));
  }
}
