package io.outboxrelay.wal;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.postgresql.util.PSQLException;

/**
 * Reports that the log cannot be read, or that the stream has ended. The relay can still read the
 * table. The message is a sentence for the operator.
 */
public final class LogFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The reason for each SQL state with which a server refuses a log reader. */
  private static final Map<String, Reason> BY_STATE =
      Map.of(
          "42501", Reason.PRIVILEGE,
          "53400", Reason.SLOTS,
          "53300", Reason.SENDERS,
          "08P01", Reason.POOLER,
          "42704", Reason.SLOT);

  private final Reason reason;
  private final String sentence;
  private final String remedy;

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
    /** A pooler between relay and server does not pass the replication protocol on. */
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
    this(reason, message, "");
  }

  /**
   * @param remedy the action that an operator can take; empty if there is none
   */
  public LogFailure(Reason reason, String message, String remedy) {
    super(message);
    this.reason = reason;
    this.sentence = message;
    this.remedy = remedy;
  }

  private LogFailure(Reason reason, String message, String remedy, Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.sentence = message;
    this.remedy = remedy;
  }

  /** Returns the failure with which a connection ended, or was refused. */
  public static LogFailure of(Throwable failure) {
    if (failure instanceof LogFailure known) {
      return known;
    }
    String said = Optional.ofNullable(failure.getMessage()).orElseGet(failure::toString);
    String sentence =
        said.replaceFirst("^(ERROR|FATAL): ", "")
            .replaceFirst("(?s)\n\\s*(Position|Where): .*", "")
            .replaceAll("\\s*\n\\s*", "; ")
            .replaceFirst("\\.+$", "");
    if (failure instanceof OutOfMemoryError) {
      return new LogFailure(
          Reason.CONTENT,
          "a row in the log is too large for the heap (" + said + ")",
          "give the relay a larger heap",
          failure);
    }
    String state = failure instanceof PSQLException sql ? sql.getSQLState() : null;
    var reason = reason(state == null ? "" : state, sentence);
    String seen =
        reason == Reason.POOLER
            ? "a replication connection is expected, and it was refused: " + sentence
            : sentence;
    return new LogFailure(reason, seen, remedy(reason, said), failure);
  }

  /**
   * Returns the reason that belongs to an SQL state. If the state has several meanings, the
   * server's message decides.
   */
  private static Reason reason(String state, String sentence) {
    if (state.equals("55000")) {
      return sentence.contains("wal_level") ? Reason.WAL_LEVEL : Reason.SLOT;
    }
    return state.equals("42704") && sentence.startsWith("publication")
        ? Reason.PUBLICATION
        : BY_STATE.getOrDefault(state, Reason.CONNECTION);
  }

  /**
   * Returns the remedy for a reason. Several reasons share an SQL state, so the remedy names a
   * setting of the server only if the server's message names it.
   *
   * @param said the server's message
   */
  private static String remedy(Reason reason, String said) {
    return switch (reason) {
      case WAL_LEVEL -> "set wal_level = logical in postgresql.conf, and restart the server";
      case SLOTS -> raise(said, "replication slots", "max_replication_slots");
      case SENDERS -> raise(said, "max_wal_senders", "max_wal_senders");
      case POOLER ->
          "let database.uri name the server itself, or a pooler that passes the replication"
              + " protocol on";
      default -> "";
    };
  }

  private static String raise(String said, String named, String setting) {
    return said.contains(named) ? "raise " + setting + ", which needs a restart of the server" : "";
  }

  /**
   * Returns the failure for a connection that was to speak the replication protocol but is an
   * ordinary connection, which is the case behind a pooler.
   */
  static LogFailure ofAnOrdinaryConnection(SQLException failure) {
    return new LogFailure(
        Reason.POOLER,
        "a replication connection is expected, and the server sees an ordinary one, so a pooler in"
            + " between has left the parameter replication out",
        remedy(Reason.POOLER, ""),
        failure);
  }

  /**
   * Returns the failure for a replication connection to another server than the relay's other
   * connections.
   */
  public static LogFailure ofAnotherServer() {
    return new LogFailure(Reason.CONNECTION, "the replication connection leads to another server");
  }

  public Reason reason() {
    return reason;
  }

  /** Returns the message without a full stop. */
  public String sentence() {
    return sentence;
  }

  /** Returns the action that an operator can take; empty if there is none. */
  public String remedy() {
    return remedy;
  }

  /** Returns the message and the remedy as one sentence, without a full stop. */
  public String advice() {
    return remedy.isEmpty() ? sentence : sentence + "; to read the log, " + remedy;
  }
}
