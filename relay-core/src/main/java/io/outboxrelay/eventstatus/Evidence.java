package io.outboxrelay.eventstatus;

import io.vertx.sqlclient.Row;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The facts that tell if an event of the outbox was published: facts in the checkpoint of the
 * event's shard, and facts about the server.
 */
record Evidence(long seq, OfCheckpoint checkpoint, OfServer server) {
  /**
   * The facts in the checkpoint.
   *
   * @param position the highest sequence number that the shard has confirmed; null if the shard has
   *     no checkpoint
   * @param noted the highest transaction id in the checkpoint
   * @param settled true if the checkpoint says that the event is confirmed
   * @param rewritten true if the event's row was written after the checkpoint that covers the
   *     transaction id in the row
   * @param passed true if the relay does not read the event's sequence number again
   */
  record OfCheckpoint(
      @Nullable Long position, long noted, boolean settled, boolean rewritten, boolean passed) {}

  /**
   * The facts about the server.
   *
   * @param next the next transaction id of this cluster
   * @param last the last number that the outbox's sequence has given out
   * @param hidden true if row-level security may hide rows from the relay
   * @param moved true if the server hashes aggregate ids differently from the server on which the
   *     outbox was divided into shards
   */
  record OfServer(long next, long last, boolean hidden, boolean moved) {}

  static Evidence of(Row row, int column) {
    return new Evidence(
        row.getLong(0),
        new OfCheckpoint(
            row.getLong(column),
            row.getLong(column + 2),
            row.getBoolean(column + 3),
            row.getBoolean(column + 4),
            row.getBoolean(column + 6)),
        new OfServer(
            row.getLong(column + 1),
            row.getLong(column + 5),
            row.getBoolean(column + 7),
            row.getBoolean(column + 8)));
  }

  /**
   * Returns the reason why the checkpoint does not prove that the event was published or that it
   * waits; empty if it does. In each of these cases, an event can be lost although a checkpoint
   * seems to cover it.
   */
  Optional<String> doubt() {
    Long position = checkpoint.position;
    if (position == null) {
      return Optional.of("its shard has no checkpoint; run the command check");
    }
    if (server.moved) {
      return Optional.of(
          "this server hashes aggregate ids differently from the server on which the shards were"
              + " made, so it is not known which shard the event belongs to; run the command"
              + " check");
    }
    if (checkpoint.noted >= server.next) {
      return Optional.of(
          "the checkpoint holds transaction "
              + checkpoint.noted
              + ", but this cluster's next transaction is "
              + server.next
              + ": the database looks restored from a dump; run the command rebase");
    }
    if (server.hidden) {
      return Optional.of(
          "row-level security is on for the outbox, so the relay may not have seen the event;"
              + " switch it off for the relay's role, and compare with the events that consumers"
              + " have");
    }
    if (server.last < position) {
      return Optional.of(
          "the outbox's sequence stands at "
              + server.last
              + " although the relay has read up to "
              + position
              + ": it was set back, and the relay does not read numbers up to "
              + position
              + " again; run the command check");
    }
    return checkpoint.settled ? doubtOfSettled(position) : doubtOfWaiting(position);
  }

  private Optional<String> doubtOfSettled(long position) {
    if (seq > position) {
      return Optional.of(
          "its transaction counts as confirmed, but its sequence number "
              + seq
              + " is above "
              + position
              + ", up to which the relay has read: the row was written with an xid of its own, or"
              + " rebase or a change of shards moved the checkpoint back, and the relay has not"
              + " reached this number again");
    }
    if (checkpoint.rewritten) {
      return Optional.of(
          "its row was written after the checkpoint that covers its xid: it was updated, copied or"
              + " restored, and the relay may have passed it before");
    }
    return Optional.empty();
  }

  private Optional<String> doubtOfWaiting(long position) {
    return checkpoint.passed
        ? Optional.of(
            "its sequence number "
                + seq
                + " is not above "
                + position
                + ", up to which the relay has read, so the relay does not read it again, yet its"
                + " transaction is not confirmed: the sequence was set back, or the row was written"
                + " with a number of its own")
        : Optional.empty();
  }
}
