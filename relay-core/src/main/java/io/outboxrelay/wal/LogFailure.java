package io.outboxrelay.wal;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.postgresql.util.PSQLException;

/**
 * The log cannot be read, or not any further. The message is a sentence for the operator; the table
 * can still be read.
 */
public final class LogFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** By SQL state, the ones with which a server refuses what a log reader needs. */
  private static final Map<String, Reason> BY_STATE =
      Map.of(
          "42501", Reason.PRIVILEGE,
          "53400", Reason.SLOTS,
          "53300", Reason.SENDERS,
          "08P01", Reason.POOLER,
          "42704", Reason.SLOT);

  private final Reason reason;
  private final String sentence;

  /** The kind of a failure, for metrics. */
  public enum Reason {
    /** {@code wal_level} is below {@code logical}. */
    WAL_LEVEL,
    /** The role lacks REPLICATION. */
    PRIVILEGE,
    /** All of {@code max_replication_slots} are in use. */
    SLOTS,
    /** All of {@code max_wal_senders} are in use. */
    SENDERS,
    /** A pooler is in between. */
    POOLER,
    /** The slot does not exist any more, or the server has invalidated it. */
    SLOT,
    /** The slot holds back more of the log than {@code relay.log.budget}. */
    BUDGET,
    /** The publication is missing, was changed, or does not publish all inserts. */
    PUBLICATION,
    /** The set of delivered transactions has too many gaps to be stored. */
    GAPS,
    /** The slot did not become usable in time. */
    TIMEOUT,
    /** The outbox has other columns, or its rows other contents, than expected. */
    CONTENT,
    /** The connection was lost, or could not be made. */
    CONNECTION;

    /** Returns the value of the metric's label. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public LogFailure(Reason reason, String message) {
    super(message);
    this.reason = reason;
    this.sentence = message;
  }

  private LogFailure(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.sentence = message;
  }

  /** Returns the failure with which a connection ended, or was refused. */
  public static LogFailure of(Throwable failure) {
    if (failure instanceof LogFailure known) {
      return known;
    }
    String said = Optional.ofNullable(failure.getMessage()).orElseGet(failure::toString);
    String sentence = said.replaceFirst("^(ERROR|FATAL): ", "").replaceAll("\\s*\n\\s*", "; ");
    if (failure instanceof OutOfMemoryError) {
      return new LogFailure(
          Reason.CONTENT, "a row in the log is too large for the heap (" + said + ")", failure);
    }
    String state = failure instanceof PSQLException sql ? sql.getSQLState() : null;
    if ("55000".equals(state)) {
      return new LogFailure(
          said.contains("wal_level") ? Reason.WAL_LEVEL : Reason.SLOT, sentence, failure);
    }
    return new LogFailure(
        BY_STATE.getOrDefault(state == null ? "" : state, Reason.CONNECTION), sentence, failure);
  }

  public Reason reason() {
    return reason;
  }

  /** Returns the message, which is never null. */
  public String sentence() {
    return sentence;
  }
}
