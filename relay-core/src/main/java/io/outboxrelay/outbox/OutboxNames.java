package io.outboxrelay.outbox;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * What the outbox and the things beside it are called in SQL.
 *
 * @param schema unquoted
 * @param table unquoted
 */
public record OutboxNames(String schema, String table) {
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

  /** Holds what is known of relays that died. */
  public String vigil() {
    return qualified("_vigil");
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
    return quoted(table + "_ring");
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

  /** The arguments of an advisory lock function for the ownership of {@code shard}. */
  public String leaseLock(int shard) {
    return lockClass() + ", " + (2 * shard + 1);
  }

  private int lockClass() {
    var crc = new CRC32();
    crc.update((schema + '.' + table).getBytes(StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }

  private String qualified(String suffix) {
    return quoted(schema) + "." + quoted(table + suffix);
  }

  static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
