package io.outboxrelay.connect;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.PoolerCheck;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.failure.FailureClassifier;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.settings.SettingProblem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Examines the outbox that a connector's configuration names. */
final class OutboxProbe {
  /**
   * Selects the shards that have an owner, because their lease cannot be acquired. The statement
   * acquires the other leases, and releases them at its end.
   */
  private static final String OWNED =
      "select shard, owner from %s where not pg_try_advisory_xact_lock_shared(%s) order by shard";

  private final Database database;
  private final ConnectorConfig config;

  OutboxProbe(Vertx vertx, ConnectorConfig config) {
    this.database = Database.create(vertx, config.database());
    this.config = config;
  }

  private OutboxNames names() {
    return config.relay().outbox().names();
  }

  /** Completes with the number of shards. */
  Future<Integer> shards() {
    return on(connection -> ShardLayout.read(connection, names()).map(layout -> layout.inForce()));
  }

  private <T> Future<T> on(Function<PgConnection, Future<T>> work) {
    return database
        .connect()
        .compose(connection -> work.apply(connection).eventually(() -> database.close(connection)));
  }

  /**
   * Completes with all problems that prevent a connector from reading the outbox; empty if there
   * are none.
   *
   * @param tasks the most tasks that the connector may have
   */
  Future<List<SettingProblem>> problems(int tasks) {
    return on(connection -> problems(connection, tasks))
        .recover(
            failure -> Future.succeededFuture(List.of(problem(ConnectorConfigDef.URI, failure))));
  }

  private Future<List<SettingProblem>> problems(PgConnection connection, int tasks) {
    return PoolerCheck.verify(database, connection).compose(kept -> ofTable(connection, tasks));
  }

  private Future<List<SettingProblem>> ofTable(PgConnection connection, int tasks) {
    return OutboxTable.verify(connection, names())
        .compose(verified -> ShardLayout.read(connection, names()))
        .map(ShardLayout::inForce)
        .compose(shards -> ofShards(connection, shards, tasks))
        .recover(
            failure -> Future.succeededFuture(List.of(problem(ConnectorConfigDef.TABLE, failure))));
  }

  private Future<List<SettingProblem>> ofShards(PgConnection connection, int shards, int tasks) {
    var problems = new ArrayList<SettingProblem>();
    if (tasks < shards) {
      problems.add(
          problem(
              ConnectorConfigDef.TABLE,
              "%s has %d shards, and each needs a task: set tasks.max to %d or more"
                  .formatted(names().outbox(), shards, shards)));
    }
    return owned(connection, shards, problems)
        .compose(told -> deadLetters(connection, 0, shards, problems))
        .map(told -> problems);
  }

  private Future<Void> owned(PgConnection connection, int shards, List<SettingProblem> into) {
    return connection
        .query(OWNED.formatted(names().checkpoint(), names().leaseLock("shard")))
        .execute()
        .map(
            rows -> {
              for (var row : rows) {
                String owner = row.getString(1);
                if (!config.owner().equals(owner)) {
                  into.add(
                      problem(
                          ConnectorConfigDef.TABLE,
                          taken(names(), new ShardKey(row.getInteger(0), shards), owner)));
                }
              }
              return null;
            });
  }

  private Future<Void> deadLetters(
      PgConnection connection, int shard, int shards, List<SettingProblem> into) {
    if (shard == shards) {
      return Future.succeededFuture();
    }
    var share = new ShardKey(shard, shards);
    return DeadLetterSnapshot.read(connection, names(), share)
        .compose(
            buried -> {
              deadLetters(names(), share, buried)
                  .ifPresent(sentence -> into.add(problem(ConnectorConfigDef.TABLE, sentence)));
              return deadLetters(connection, shard + 1, shards, into);
            });
  }

  private SettingProblem problem(String key, Throwable failure) {
    return problem(key, new FailureClassifier(config.database(), failure).sentence());
  }

  private static SettingProblem problem(String key, String sentence) {
    return new SettingProblem(key, "", sentence);
  }

  /**
   * Returns the message for a shard that a relay or another connector owns.
   *
   * @param owner the owner's name; null if it is not known
   */
  static String taken(OutboxNames names, ShardKey share, @Nullable String owner) {
    return "%s of %s is owned by %s, which publishes its events; stop that first, because two would publish them twice and out of order"
        .formatted(share, names.outbox(), owner == null ? "another session" : owner);
  }

  /**
   * Returns the message that a shard must not be read, because a relay has to publish some of its
   * dead letters before later events. Empty if the shard has no such dead letters.
   */
  static Optional<String> deadLetters(
      OutboxNames names, ShardKey share, DeadLetterSnapshot buried) {
    if (buried.lookup() == null && buried.parked().isEmpty() && buried.known().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "%s of %s has dead letters that later events must not overtake, and a connector cannot publish them; let a relay redeliver them, or discard them (dead-letters list shows them)"
            .formatted(share, names.outbox()));
  }
}
