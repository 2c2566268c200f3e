package io.outboxrelay.source;

import io.outboxrelay.wal.LogFailure;
import io.outboxrelay.wal.LogFailure.Reason;
import io.outboxrelay.wal.LogProbe;
import org.jspecify.annotations.Nullable;

/** Decides if a slot can be created at all. */
public final class LogGround {
  private LogGround() {}

  /** Returns the reason why no slot can be used; null if there is none. */
  public static @Nullable LogFailure objection(LogProbe.Ground ground) {
    if (!ground.walLevel().equals("logical")) {
      return new LogFailure(
          Reason.WAL_LEVEL, "wal_level is " + ground.walLevel() + " and must be logical");
    }
    if (ground.publication() == null) {
      return new LogFailure(
          Reason.PUBLICATION,
          "no publication named "
              + ground.publicationName()
              + " publishes all inserts into the outbox");
    }
    if (!ground.hashesAlike()) {
      return new LogFailure(
          Reason.CONTENT, "the server hashes aggregate ids differently on its processor");
    }
    return null;
  }

  /** Returns what an operator can do about an objection; empty if nothing. */
  public static String remedy(LogFailure objection) {
    return switch (objection.reason()) {
      case WAL_LEVEL -> "set wal_level = logical in postgresql.conf, and restart the server";
      case PUBLICATION ->
          "run init as a role that owns the outbox and has the privilege CREATE on the database";
      default -> "";
    };
  }
}
