package io.outboxrelay.json;

import io.outboxrelay.deadletter.DeadLetterQueries;
import io.outboxrelay.deadletter.DeadLetterStats;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.pause.Pauses;
import io.outboxrelay.status.OpenTransaction;
import io.outboxrelay.status.ShardRow;
import io.outboxrelay.status.ShardStatusReader;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Set;

/**
 * The state of the outbox that the database knows; it does not depend on the relay that reads it.
 *
 * @param shards the observed state of each shard
 * @param deadLetters the counts of dead letters
 * @param open transactions that have been open for a long time
 * @param pauses the current pauses
 */
public record StatusSnapshot(
    List<ShardRow> shards, DeadLetterStats deadLetters, List<OpenTransaction> open, Pauses pauses) {

  public static Future<StatusSnapshot> read(SqlConnection connection, OutboxNames names) {
    return Future.all(
            new ShardStatusReader(connection, names).readAll(),
            new DeadLetterQueries(connection, names).stats(),
            OpenTransaction.read(connection, names),
            Pauses.read(connection, names))
        .map(
            read ->
                new StatusSnapshot(
                    read.resultAt(0), read.resultAt(1), read.resultAt(2), read.resultAt(3)));
  }

  /** Returns the number of events that wait in all shards. */
  public long waiting() {
    return shards.stream().mapToLong(ShardRow::waiting).sum();
  }

  /**
   * Writes the snapshot for scripts and the API.
   *
   * @param mine the shards that the answering relay leads
   */
  public JsonObject toJson(OutboxNames names, String database, Set<Integer> mine) {
    return new JsonObject()
        .put(
            "outbox",
            new JsonObject()
                .put("schema", names.schema())
                .put("table", names.table())
                .put("database", database))
        .put("shards", new JsonArray(shards.stream().map(shard -> shard(shard, mine)).toList()))
        .put(
            "openTransactions",
            new JsonArray(open.stream().map(StatusSnapshot::transaction).toList()))
        .put(
            "deadLetters",
            DeadLetterJson.counts(deadLetters.count())
                .put("isLowerBound", deadLetters.isMore())
                .put("oldest", JsonFormat.time(deadLetters.oldest())))
        .put("pauses", PauseJson.array(pauses));
  }

  private static JsonObject shard(ShardRow shard, Set<Integer> mine) {
    return new JsonObject()
        .put("shard", shard.shard())
        .put("owner", (shard.led() ? shard.leader() : shard.owner()).orElse(null))
        .put("led", shard.led())
        .put("ledHere", mine.contains(shard.shard()))
        .put("epoch", shard.epoch())
        .put("checkpointAgeSeconds", JsonFormat.seconds(shard.checkpointAge()))
        .put("waiting", shard.waiting())
        .put("waitingIsUpperBound", shard.isMore())
        .put("oldestSeconds", shard.oldest().map(JsonFormat::seconds).orElse(null));
  }

  private static JsonObject transaction(OpenTransaction transaction) {
    return new JsonObject()
        .put("pid", transaction.pid())
        .put("application", transaction.application())
        .put("state", transaction.state())
        .put("ageSeconds", transaction.age().map(JsonFormat::seconds).orElse(null));
  }
}
