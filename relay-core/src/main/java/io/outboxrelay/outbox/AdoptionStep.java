package io.outboxrelay.outbox;

/**
 * One step of the adoption of a table.
 *
 * @param sentence a sentence about what the step does and how it affects writers
 * @param sql the statement; empty if the step has none
 * @param manner the way in which the step is executed
 */
record AdoptionStep(String sentence, String sql, Manner manner) {
  /** The way in which a step is executed. */
  enum Manner {
    /**
     * In a transaction that waits for a lock for a moment only. If it does not get the lock, the
     * transaction is repeated.
     */
    SHORT_LOCK,
    /**
     * Outside of a transaction, because PostgreSQL allows the statement only there. The statement
     * waits for other transactions, but does not block writers.
     */
    CONCURRENT,
    /** By {@link RowNumbering}, in portions. The step has no SQL statement. */
    NUMBERING,
    /**
     * By {@link OutboxInstallation}, with the statements of {@code init}. The step has no SQL
     * statement.
     */
    INSTALLATION
  }

  /** Returns the step as text, with its number. */
  String described(int number) {
    return number + ". " + sentence + (sql.isEmpty() ? "" : "\n" + sql.indent(5).stripTrailing());
  }
}
