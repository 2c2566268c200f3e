package io.outboxrelay.check;

import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** Checks that only relays hold the relays' advisory locks. */
final class ForeignLocks implements DatabaseCheck {
  private final OutboxNames names;

  ForeignLocks(OutboxNames names) {
    this.names = names;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return ForeignLock.find(connection, names)
        .map(
            locks ->
                locks.isEmpty()
                    ? List.of(Finding.ok("only relays hold the relays' locks"))
                    : locks.stream().map(ForeignLocks::finding).toList());
  }

  private static Finding finding(ForeignLock lock) {
    return lock.isHarmful()
        ? Finding.problem(lock.sentence(), lock.remedy())
        : Finding.warning(lock.sentence(), lock.remedy());
  }
}
