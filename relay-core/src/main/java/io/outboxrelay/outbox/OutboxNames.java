package io.outboxrelay.outbox;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * What the outbox and the things beside it are called in SQL.
 *
 * @param schema unquoted
 * @param table unquoted
 */
public record OutboxNames(String schema, String table) {
  /** Above the numbers that relays choose from. */
  public static final int MOST_RELAYS = 1 << 29;

  public String outbox() {
    return qualified("");
  }

  public String sequence() {
    return qualified("_seq");
  }

  public String checkpoint() {
    return qualified("_checkpoint");
  }

  public String deadLetter() {
    return qualified("_dead_letter");
  }

  /** Holds how often relay processes crashed without progress, and which event they held then. */
  public String crashGuard() {
    return qualified("_crash_guard");
  }

  /** The table with what keeps the leaders from publishing. */
  public String leaderReport() {
    return qualified("_leader_report");
  }

  /** Holds the replays of old events. */
  public String replays() {
    return qualified("_replays");
  }

  /** Holds what operators have paused. */
  public String pause() {
    return qualified("_pause");
  }

  /** Holds what operators did. */
  public String audit() {
    return qualified("_audit");
  }

  /** Holds the events that operators gave up. */
  public String discarded() {
    return qualified("_discarded");
  }

  /** Holds the version of the schema. */
  public String version() {
    return qualified("_version");
  }

  /** The function that the trigger of the same name calls to ring the doorbell. */
  public String ring() {
    return qualified("_ring");
  }

  /** The trigger's name; a trigger has no schema of its own. */
  public String ringTrigger() {
    return quoted(ringTriggerName());
  }

  /** The same, unquoted. */
  public String ringTriggerName() {
    return table + "_ring";
  }

  /** The channel to LISTEN on, unquoted; short enough for an identifier whatever the schema. */
  public String channel() {
    return "outbox_" + Integer.toHexString(lockClass());
  }

  /**
   * The arguments of an advisory lock function for {@code shard}'s doorbell. Locks are told apart
   * by table, so that two outboxes in one database do not meet.
   */
  public String doorbellLock(int shard) {
    return lockClass() + ", " + 2 * shard;
  }

  /** The same for the shard whose number is the value of an SQL expression. */
  String doorbellLock(String shard) {
    return lockClass() + ", (2 * " + shard + ")::int";
  }

  /** The arguments of an advisory lock function for the ownership of {@code shard}. */
  public String leaseLock(int shard) {
    return lockClass() + ", " + (2 * shard + 1);
  }

  /**
   * The arguments of an advisory lock function for whoever divides the outbox anew, or makes it.
   */
  public String initLock() {
    return lockClass() + ", -1";
  }

  /** The same for the call to all owners to let go of their shards: held while it stands. */
  public String callLock() {
    return lockClass() + ", -2";
  }

  /**
   * The same for being there, as one of several relays.
   *
   * @param relay a number below {@link #MOST_RELAYS} that no other has
   */
  public String memberLock(int relay) {
    return lockClass() + ", " + memberObject(relay);
  }

  /** The same for the shards that a relay owns: each of their connections shares it. */
  public String ownerLock(int relay) {
    return lockClass() + ", " + (memberObject(relay) - 1);
  }

  private static int memberObject(int relay) {
    return -2 * relay - 4;
  }

  /** Which shard is owned where a lock with this second argument is held, if it is a lease. */
  public static Optional<Integer> shardOfLease(long object) {
    return object >= 0 && object % 2 == 1 ? Optional.of((int) (object / 2)) : Optional.empty();
  }

  /** Which relay is there where a lock with this second argument is held. */
  public static Optional<Integer> relayOfMember(long object) {
    return object <= -4 && object % 2 == 0
        ? Optional.of((int) (-(object + 4) / 2))
        : Optional.empty();
  }

  /** Which relay owns a shard where a lock with this second argument is held. */
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

  /** An identifier as SQL wants it, whatever it contains. */
  public static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
