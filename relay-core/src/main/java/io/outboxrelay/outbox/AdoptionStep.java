package io.outboxrelay.outbox;

/**
 * One step of the adoption of a table.
 *
 * @param sentence says what the step does, and how it affects writers
 */
record AdoptionStep(String sentence, String sql, Manner manner) {
  /** The way in which a step is executed. */
  enum Manner {
    /**
     * In a transaction that waits for a lock for a moment only, and is repeated if it does not get
     * the lock.
     */
    SHORT_LOCK,
    /**
     * Outside of a transaction, because the statement waits for other transactions and does not
     * block writers.
     */
    CONCURRENT,
    /** By {@link RowNumbering}, in portions; the step has no statement of its own. */
    NUMBERING,
    /**
     * By {@link OutboxInstallation}, with the statements of {@code init}; the step has none of its
     * own.
     */
    INSTALLATION
  }

  /** Returns the step as text, with its number. */
  String described(int number) {
    return number + ". " + sentence + (sql.isEmpty() ? "" : "\n" + sql.indent(5).stripTrailing());
  }
}
