package io.outboxrelay.outbox;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The names, in SQL, of the outbox and its companion tables, and the arguments of its advisory
 * locks.
 *
 * @param schema the unquoted name of the schema
 * @param table the unquoted name of the table
 * @param columns the columns of the table
 */
public record OutboxNames(String schema, String table, OutboxColumns columns) {
  /**
   * The number of possible numbers of relays: a relay chooses a number from 0 to below this, and
   * uses the number in its locks.
   */
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

  /**
   * The table itself, with its own column names; {@link #events} yields its rows with the columns
   * of {@link OutboxColumn}.
   */
  public String outbox() {
    return qualified("");
  }

  /**
   * Returns an item for a {@code from} clause that yields the rows of the table for a statement
   * that gives them no alias of its own.
   */
  public String events() {
    return columns.isMapped() ? events("event_row") : outbox();
  }

  /** Returns an item for a {@code from} clause that yields the rows of the table under an alias. */
  public String events(String alias) {
    return columns.rows(outbox()) + " " + alias;
  }

  public String sequence() {
    return qualified("_seq");
  }

  public String checkpoint() {
    return qualified("_checkpoint");
  }

  /** The table with the number of delivered events, for each range of sequence numbers. */
  public String account() {
    return qualified("_account");
  }

  /** The table with the ranges in which the outbox differs from the account. */
  public String difference() {
    return qualified("_difference");
  }

  public String deadLetter() {
    return qualified("_dead_letter");
  }

  /**
   * The table that counts crashes of relay processes without progress, and contains the events that
   * were in flight.
   */
  public String crashGuard() {
    return qualified("_crash_guard");
  }

  /** The table with the problems that keep the leaders from publishing. */
  public String leaderReport() {
    return qualified("_leader_report");
  }

  /** The table with the replays of old events. */
  public String replays() {
    return qualified("_replays");
  }

  /** The table with the pauses that operators have set. */
  public String pause() {
    return qualified("_pause");
  }

  /** The table with a record of each action of an operator. */
  public String audit() {
    return qualified("_audit");
  }

  /** The table with a note of each event that an operator discarded. */
  public String discarded() {
    return qualified("_discarded");
  }

  /** The table with the version of the schema. */
  public String version() {
    return qualified("_version");
  }

  /** The function that the trigger calls to ring the doorbell. */
  public String ring() {
    return qualified("_ring");
  }

  /**
   * The unquoted name of the publication from which the log is read. A publication belongs to no
   * schema, so its name contains a number that differs for each outbox of the database.
   */
  public String publication() {
    return "outbox_relay_" + Integer.toHexString(lockClass());
  }

  /** The name of the trigger, in SQL; a trigger has no schema of its own. */
  public String ringTrigger() {
    return quoted(ringTriggerName());
  }

  /** The unquoted name of the trigger. */
  public String ringTriggerName() {
    return table + "_ring";
  }

  /**
   * The unquoted name of the channel on which relays execute LISTEN. It is short enough for an
   * identifier, because it contains a hash of the schema and the table instead of their names.
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

  /**
   * The arguments of an advisory lock function for the doorbell of a shard.
   *
   * @param shard an SQL expression for the number of the shard
   */
  String doorbellLock(String shard) {
    return lockClass() + ", (2 * " + shard + ")::int";
  }

  /**
   * The arguments of an advisory lock function for the lease of a shard.
   *
   * @param shard an SQL expression for the number of the shard
   */
  public String leaseLock(String shard) {
    return lockClass() + ", (2 * " + shard + " + 1)::int";
  }

  /** The arguments of an advisory lock function for the lease of a shard. */
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
   * The arguments of an advisory lock function for the lock that a command holds while it asks all
   * owners to release their shards.
   */
  public String callLock() {
    return lockClass() + ", " + CALL;
  }

  /**
   * The arguments of an advisory lock function for the lock that a relay holds while it cannot
   * reach the broker and asks the other relays to try.
   */
  public String brokerCallLock() {
    return lockClass() + ", " + BROKER_CALL;
  }

  /**
   * The arguments of an advisory lock function for the lock that a relay holds, in shared mode, for
   * a while after it has reached the broker.
   */
  public String brokerAnswerLock() {
    return lockClass() + ", " + (Integer.MAX_VALUE - 1);
  }

  /** Returns true if {@code object} is the second argument of {@link #brokerCallLock}. */
  public static boolean isBrokerCall(long object) {
    return object == BROKER_CALL;
  }

  /**
   * The arguments of an advisory lock function for the lock by which one of several relays
   * announces that it is running.
   *
   * @param relay a number below {@link #MOST_RELAYS} that no other relay has
   */
  public String memberLock(int relay) {
    return lockClass() + ", " + memberObject(relay);
  }

  /**
   * The arguments of an advisory lock function for the lock by which a relay announces that it owns
   * shards. Every connection of the relay that owns a shard holds this lock, in shared mode.
   *
   * @param relay the number of the relay
   */
  public String ownerLock(int relay) {
    return lockClass() + ", " + (memberObject(relay) - 1);
  }

  private static int memberObject(int relay) {
    return -2 * relay - 4;
  }

  /**
   * Returns the number of the shard if {@code object} is the second argument of a {@link
   * #leaseLock}; otherwise empty.
   */
  public static Optional<Integer> shardOfLease(long object) {
    return object >= 0 && object % 2 == 1 ? Optional.of((int) (object / 2)) : Optional.empty();
  }

  /**
   * Returns the number of the relay if {@code object} is the second argument of a {@link
   * #memberLock}; otherwise empty.
   */
  public static Optional<Integer> relayOfMember(long object) {
    return object <= -4 && object % 2 == 0
        ? Optional.of((int) (-(object + 4) / 2))
        : Optional.empty();
  }

  /**
   * Returns the number of the relay if {@code object} is the second argument of an {@link
   * #ownerLock}; otherwise empty.
   */
  public static Optional<Integer> relayOfOwner(long object) {
    return object <= -5 && object % 2 != 0
        ? Optional.of((int) (-(object + 5) / 2))
        : Optional.empty();
  }

  /** The first argument of all advisory locks of this outbox. */
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
