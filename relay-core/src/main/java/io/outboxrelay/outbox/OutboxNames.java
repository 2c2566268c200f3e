package io.outboxrelay.outbox;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The names of the outbox, of its companion tables and of its advisory locks in SQL.
 *
 * @param schema the unquoted name of the schema
 * @param table the unquoted name of the table
 * @param columns the columns of the table
 */
public record OutboxNames(String schema, String table, OutboxColumns columns) {
  /** The number that a relay chooses for its locks is below this. */
  public static final int MOST_RELAYS = 1 << 29;

  /** The second argument of {@link #initLock}. */
  static final int INIT = -1;

  /** The second argument of {@link #callLock}. */
  static final int CALL = -2;

  private static final int BROKER_CALL = -3;

  /** Returns the names of an outbox with the table that {@code init} creates. */
  public OutboxNames(String schema, String table) {
    this(schema, table, OutboxColumns.own());
  }

  /** The table itself; {@link #events} yields its rows with the columns of the outbox. */
  public String outbox() {
    return qualified("");
  }

  /** Returns the rows of the table for a {@code from} clause that gives them no alias. */
  public String events() {
    return columns.isMapped() ? events("event_row") : outbox();
  }

  /** Returns the rows of the table for a {@code from} clause, with an alias. */
  public String events(String alias) {
    return columns.rows(outbox()) + " " + alias;
  }

  public String sequence() {
    return qualified("_seq");
  }

  public String checkpoint() {
    return qualified("_checkpoint");
  }

  /** Holds the number of events that were delivered, for each range of sequence numbers. */
  public String account() {
    return qualified("_account");
  }

  /** Holds the ranges in which the outbox differs from the account. */
  public String difference() {
    return qualified("_difference");
  }

  public String deadLetter() {
    return qualified("_dead_letter");
  }

  /**
   * Counts crashes of relay processes without progress, and holds the events that were in flight.
   */
  public String crashGuard() {
    return qualified("_crash_guard");
  }

  /** Holds the problems that keep the leaders from publishing. */
  public String leaderReport() {
    return qualified("_leader_report");
  }

  /** Holds the replays of old events. */
  public String replays() {
    return qualified("_replays");
  }

  /** Holds the pauses that operators have set. */
  public String pause() {
    return qualified("_pause");
  }

  /** Holds a record of the operators' actions. */
  public String audit() {
    return qualified("_audit");
  }

  /** Holds a note of each event that an operator discarded. */
  public String discarded() {
    return qualified("_discarded");
  }

  /** Holds the version of the schema. */
  public String version() {
    return qualified("_version");
  }

  /** The function that the trigger calls to ring the doorbell. */
  public String ring() {
    return qualified("_ring");
  }

  /**
   * The publication from which the log is read, unquoted. A publication has no schema, so its name
   * contains the number that tells outboxes apart.
   */
  public String publication() {
    return "outbox_relay_" + Integer.toHexString(lockClass());
  }

  /** The trigger's name; a trigger has no schema of its own. */
  public String ringTrigger() {
    return quoted(ringTriggerName());
  }

  /** The trigger's name, unquoted. */
  public String ringTriggerName() {
    return table + "_ring";
  }

  /**
   * The channel to LISTEN on, unquoted. It is short enough for an identifier, whatever the schema
   * is called.
   */
  public String channel() {
    return "outbox_" + Integer.toHexString(lockClass());
  }

  /**
   * The arguments of an advisory lock function for {@code shard}'s doorbell. The first argument
   * depends on the table, so that two outboxes in one database do not share locks.
   */
  public String doorbellLock(int shard) {
    return lockClass() + ", " + 2 * shard;
  }

  /** The doorbell's lock of the shard with the number that an SQL expression yields. */
  String doorbellLock(String shard) {
    return lockClass() + ", (2 * " + shard + ")::int";
  }

  /**
   * The arguments of an advisory lock function for the ownership of the shard with the number that
   * an SQL expression yields.
   */
  public String leaseLock(String shard) {
    return lockClass() + ", (2 * " + shard + " + 1)::int";
  }

  /** The arguments of an advisory lock function for the ownership of {@code shard}. */
  public String leaseLock(int shard) {
    return lockClass() + ", " + (2 * shard + 1);
  }

  /**
   * The arguments of an advisory lock function that {@code init} and re-sharding take, so that only
   * one of them runs at a time.
   */
  public String initLock() {
    return lockClass() + ", " + INIT;
  }

  /**
   * The arguments of the lock that a command holds while it asks all owners to release their
   * shards.
   */
  public String callLock() {
    return lockClass() + ", " + CALL;
  }

  /**
   * The arguments of the lock that a relay holds while it asks the others to reach the broker in
   * its place.
   */
  public String brokerCallLock() {
    return lockClass() + ", " + BROKER_CALL;
  }

  /** The arguments of the lock that a relay shares for a while after it has reached the broker. */
  public String brokerAnswerLock() {
    return lockClass() + ", " + (Integer.MAX_VALUE - 1);
  }

  /** Returns true for the second argument of {@link #brokerCallLock}. */
  public static boolean isBrokerCall(long object) {
    return object == BROKER_CALL;
  }

  /**
   * The arguments of the lock by which one of several relays announces that it is running.
   *
   * @param relay a number below {@link #MOST_RELAYS} that no other relay has
   */
  public String memberLock(int relay) {
    return lockClass() + ", " + memberObject(relay);
  }

  /**
   * The arguments of the lock by which a relay announces that it owns shards: each of the
   * connections that own one shares it.
   */
  public String ownerLock(int relay) {
    return lockClass() + ", " + (memberObject(relay) - 1);
  }

  private static int memberObject(int relay) {
    return -2 * relay - 4;
  }

  /** Returns the shard of a lease with this second argument; empty if the lock is no lease. */
  public static Optional<Integer> shardOfLease(long object) {
    return object >= 0 && object % 2 == 1 ? Optional.of((int) (object / 2)) : Optional.empty();
  }

  /**
   * Returns the relay that runs if a lock with this second argument is held; empty for other locks.
   */
  public static Optional<Integer> relayOfMember(long object) {
    return object <= -4 && object % 2 == 0
        ? Optional.of((int) (-(object + 4) / 2))
        : Optional.empty();
  }

  /**
   * Returns the relay that owns a shard if a lock with this second argument is held; empty for
   * other locks.
   */
  public static Optional<Integer> relayOfOwner(long object) {
    return object <= -5 && object % 2 != 0
        ? Optional.of((int) (-(object + 5) / 2))
        : Optional.empty();
  }

  /** The first argument of all these locks. */
  public int lockClass() {
    var crc = new CRC32();
    crc.update((schema + '.' + table).getBytes(StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }

  private String qualified(String suffix) {
    return quoted(schema) + "." + quoted(table + suffix);
  }

  /** Returns a quoted identifier, whatever characters it contains. */
  public static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
