package io.outboxrelay.json;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.status.OpenTransaction;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.ReportedSource;
import io.outboxrelay.status.ShardRow;
import io.outboxrelay.status.StatusSnapshot;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes the status of a relay as JSON. */
public final class StatusJson {
  private StatusJson() {}

  public static JsonObject of(RelayStatus verdict) {
    var json =
        new JsonObject()
            .put("state", verdict.state().word())
            .put("severity", verdict.severity().word());
    verdict.cause().ifPresent(cause -> json.put("cause", cause.word()));
    return json.put("headline", verdict.headline()).put("message", verdict.sentence());
  }

  /**
   * Writes the snapshot for scripts and the API.
   *
   * @param mine the shards that the answering relay leads
   */
  public static JsonObject of(
      StatusSnapshot snapshot, OutboxNames names, String database, Set<Integer> mine) {
    var sources = snapshot.sources();
    var deadLetters = snapshot.deadLetters();
    return new JsonObject()
        .put(
            "outbox",
            new JsonObject()
                .put("schema", names.schema())
                .put("table", names.table())
                .put("database", database))
        .put(
            "shards",
            new JsonArray(
                snapshot.shards().stream()
                    .map(shard -> shard(shard, sources.get(shard.shard()), mine))
                    .toList()))
        .put(
            "openTransactions",
            new JsonArray(
                snapshot.sessions().transactions().stream().map(StatusJson::transaction).toList()))
        .put(
            "deadLetters",
            DeadLetterJson.counts(deadLetters.count())
                .put("isLowerBound", deadLetters.isMore())
                .put("oldest", JsonFormat.time(deadLetters.oldest())))
        .put("pauses", PauseJson.array(snapshot.pauses()));
  }

  private static JsonObject shard(
      ShardRow shard, @Nullable ReportedSource source, Set<Integer> mine) {
    return new JsonObject()
        .put("shard", shard.shard())
        .put("owner", (shard.led() ? shard.leader() : shard.owner()).orElse(null))
        .put("led", shard.led())
        .put("ledHere", mine.contains(shard.shard()))
        .put("epoch", shard.ownership().epoch())
        .put("checkpointAgeSeconds", JsonFormat.seconds(shard.progress().checkpointAge()))
        .put("waiting", shard.waiting().count())
        .put("waitingIsUpperBound", shard.waiting().isMore())
        .put("oldestSeconds", shard.waiting().oldest().map(JsonFormat::seconds).orElse(null))
        .put("source", source(source));
  }

  private static @Nullable JsonObject source(@Nullable ReportedSource source) {
    return source == null
        ? null
        : new JsonObject()
            .put("current", source.word())
            .put("forSeconds", JsonFormat.seconds(source.age()))
            .put("reason", emptyToNull(source.reason()))
            .put("message", emptyToNull(source.sentence()));
  }

  private static @Nullable String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static JsonObject transaction(OpenTransaction transaction) {
    return new JsonObject()
        .put("pid", transaction.pid())
        .put("application", transaction.application())
        .put("state", transaction.state())
        .put("ageSeconds", transaction.age().map(JsonFormat::seconds).orElse(null));
  }
}
