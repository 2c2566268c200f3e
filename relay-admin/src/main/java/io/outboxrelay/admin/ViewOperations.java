package io.outboxrelay.admin;

import io.outboxrelay.fate.Fate;
import io.outboxrelay.fate.Fates;
import io.outboxrelay.metrics.ShardMeters;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.pause.Pauses;
import io.outboxrelay.relay.Instance;
import io.outboxrelay.report.FateReport;
import io.outboxrelay.report.InstanceReport;
import io.outboxrelay.report.Standings;
import io.outboxrelay.report.VerdictReport;
import io.outboxrelay.verdict.Evidence;
import io.outboxrelay.verdict.Evidence.Ailment;
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

/** Tells how things stand; changes nothing. */
final class ViewOperations {
  private final Visits visits;
  private final Standpoint standpoint;
  private final OutboxNames names;
  private final History history;

  ViewOperations(Visits visits, Standpoint standpoint, History history) {
    this.visits = visits;
    this.standpoint = standpoint;
    this.names = standpoint.names();
    this.history = history;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("getStatus", this::status);
    operations.put("getHistory", this::history);
    operations.put("getInstances", this::instances);
    operations.put("findEvents", this::events);
    operations.put("getCaller", this::caller);
    operations.put("getSettings", this::settings);
  }

  private Future<Answer> status(Asked asked) {
    return visits
        .visit(connection -> Standings.read(connection, names))
        .map(standings -> Answer.of(status(standings)));
  }

  private JsonObject status(Standings standings) {
    var relay = standpoint.relay();
    var evidence = relay.evidence();
    var verdict =
        VerdictReport.verdict(evidence, standings.pauses()).with(relay.secondary().clauses());
    var mine = new HashSet<>(relay.ownedShards());
    return standings
        .toJson(names, standpoint.database().summary(), mine)
        .put("verdict", VerdictReport.of(verdict))
        .put(
            "relay",
            new JsonObject()
                .put("name", standpoint.name())
                .put("version", standpoint.version())
                .put("startedAt", standpoint.startedAt().toString())
                .put("broker", standpoint.broker().summary())
                .put("route", standpoint.broker().route()))
        .put("path", path(standings))
        .put("destinations", destinations(standings.pauses(), evidence));
  }

  private JsonObject path(Standings standings) {
    var letters = standings.letters();
    return new JsonObject()
        .put("waiting", standings.waiting())
        .put("readAhead", readAhead())
        .put("inFlight", standpoint.relay().meters().inFlight())
        .put("rejected", letters.count().rejected())
        .put("blocked", letters.count().blocked())
        .put("deferred", letters.count().deferred())
        .put("paused", letters.count().paused())
        .put("parkedAggregates", letters.count().aggregates())
        .put("retrying", letters.retried());
  }

  private long readAhead() {
    return led().mapToLong(ShardMeters::readAhead).sum();
  }

  private Stream<ShardMeters> led() {
    var relay = standpoint.relay();
    return relay.ownedShards().stream().map(shard -> relay.meters().shard(shard));
  }

  private JsonArray destinations(Pauses pauses, Evidence evidence) {
    var closed = new HashMap<String, String>();
    var failing = new HashMap<String, String>();
    led().forEach(shard -> closed.putAll(shard.closed()));
    led().forEach(shard -> failing.putAll(shard.failing()));
    var states =
        new DestinationStates(
            pauses,
            closed,
            failing,
            evidence.broker().map(Ailment::what),
            !standpoint.relay().ownedShards().isEmpty());
    var told = new JsonArray();
    var seen = new HashSet<String>();
    for (var counted : standpoint.relay().meters().destinations().entrySet()) {
      String destination = counted.getKey();
      var figures = counted.getValue();
      seen.add(destination);
      told.add(
          states
              .report(destination)
              .put("published", figures.confirmed())
              .put("rejected", figures.rejected()));
    }
    closed.keySet().stream()
        .filter(destination -> !seen.contains(destination))
        .limit(100)
        .forEach(
            destination ->
                told.add(states.report(destination).put("published", 0).put("rejected", 0)));
    return told;
  }

  private Future<Answer> history(Asked asked) {
    Long seconds = asked.number("seconds");
    return Future.succeededFuture(
        Answer.of(history.last(standpoint.name(), seconds == null ? 900 : seconds)));
  }

  private Future<Answer> instances(Asked asked) {
    return visits
        .visit(connection -> Instance.find(connection, names))
        .map(
            instances ->
                Answer.of(
                    InstanceReport.of(
                        instances,
                        standpoint.name(),
                        OptionalInt.of(standpoint.relay().number()))));
  }

  private Future<Answer> events(Asked asked) {
    Long seq = asked.number("seq");
    String id = asked.text("id");
    String aggregate = asked.text("aggregate");
    if (Stream.of(seq, id, aggregate).filter(Objects::nonNull).count() != 1) {
      throw new Refusal(400, "name one of seq, id and aggregate, to say which events are meant");
    }
    var sought = new JsonObject();
    if (aggregate == null) {
      sought.put("seq", seq).put("id", id);
    }
    return visits
        .visit(connection -> find(connection, asked.limit(), seq, id, aggregate))
        .map(fates -> Answer.of(FateReport.of(fates, sought)));
  }

  private Future<List<Fate>> find(
      PgConnection connection,
      int most,
      @Nullable Long seq,
      @Nullable String id,
      @Nullable String aggregate) {
    var fates = new Fates(connection, names);
    if (seq != null) {
      return fates.ofSeq(seq, most);
    }
    return id != null
        ? fates.ofId(LetterOperations.uuid(id), most)
        : fates.ofAggregate(Objects.requireNonNull(aggregate), most);
  }

  /** Whether the caller may change something; the console then shows what does. */
  private Future<Answer> caller(Asked asked) {
    return Future.succeededFuture(
        Answer.of(
            new JsonObject()
                .put("name", asked.author().who())
                .put("role", asked.mayChange() ? "operator" : "read-only")));
  }

  private Future<Answer> settings(Asked asked) {
    var items = new JsonArray();
    for (var setting : standpoint.settings()) {
      items.add(
          new JsonObject()
              .put("key", setting.key())
              .put("value", setting.value().orElse(null))
              .put("isDefault", setting.isDefault()));
    }
    return Future.succeededFuture(
        Answer.of(
            new JsonObject()
                .put("relay", standpoint.name())
                .put("source", standpoint.source())
                .put("items", items)));
  }
}
