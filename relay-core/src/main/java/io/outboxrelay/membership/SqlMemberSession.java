package io.outboxrelay.membership;

import io.outboxrelay.config.FailoverConfig;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.LeaseLossMonitor;
import io.outboxrelay.database.LeaseLossMonitor.Watched;
import io.outboxrelay.database.ServerKeepalive;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A member's connection to the database, with the advisory lock that announces it. */
final class SqlMemberSession implements MemberSession {
  private final LeaseLossMonitor connections;
  private final FailoverConfig failover;
  private final OutboxNames names;
  private final RelayIdentity self;
  private Consumer<Throwable> onLoss = reason -> {};
  private @Nullable PgConnection connection;

  SqlMemberSession(
      Database database, FailoverConfig failover, OutboxNames names, RelayIdentity self) {
    this.connections =
        new LeaseLossMonitor(database.vertx(), database, reason -> onLoss.accept(reason));
    this.failover = failover;
    this.names = names;
    this.self = self;
  }

  @Override
  public Future<Void> open(Consumer<Throwable> toTell) {
    onLoss = toTell;
    return connections
        .open(failover.answerTimeout().multipliedBy(2).dividedBy(3), failover.answerTimeout())
        .map(Watched::connection)
        .compose(
            opened -> {
              connection = opened;
              return ServerKeepalive.bound(opened, failover.leaseTimeout());
            });
  }

  private PgConnection connection() {
    return Objects.requireNonNull(connection, "the session is not open");
  }

  @Override
  public Future<ClusterSnapshot> look() {
    return ClusterSnapshot.take(connection(), names);
  }

  @Override
  public Future<Void> announce() {
    return connection()
        .query("select pg_advisory_lock(" + names.memberLock(self.number()) + ")")
        .execute()
        .mapEmpty();
  }

  @Override
  public Future<List<String>> configMismatches() {
    return ConfigMismatchCheck.find(connection(), names, self.configFingerprint());
  }

  @Override
  public Future<Void> close() {
    return connections.close();
  }
}
