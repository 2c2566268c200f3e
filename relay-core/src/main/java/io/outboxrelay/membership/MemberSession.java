package io.outboxrelay.membership;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Consumer;

/**
 * The connection with which a relay takes part in the {@link Membership}. The relay's announcement
 * ends with the connection.
 */
interface MemberSession {
  /**
   * Connects to the database. To be called once, before {@link #look}, {@link #announce} and {@link
   * #configMismatches}.
   *
   * @param onLoss called with the reason, perhaps repeatedly, if the connection is lost
   */
  Future<Void> open(Consumer<Throwable> onLoss);

  /** Completes with the relays that are present and the owners of the shards. */
  Future<ClusterSnapshot> look();

  /** Announces this relay to the others. */
  Future<Void> announce();

  /**
   * Completes with a sentence about each relay that owns a shard and has another configuration than
   * this relay.
   */
  Future<List<String>> configMismatches();

  /**
   * Closes the connection, also one that is still being opened, and so withdraws the announcement.
   * From then on, the loss of the connection is not reported.
   */
  Future<Void> close();
}
