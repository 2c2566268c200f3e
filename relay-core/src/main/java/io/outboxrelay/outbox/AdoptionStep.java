package io.outboxrelay.outbox;

/**
 * One step of the adoption of a table.
 *
 * @param sentence what it does, and what it costs the writers
 */
record AdoptionStep(String sentence, String sql, Manner manner) {
  /** The way in which a step is executed. */
  enum Manner {
    /** In a transaction that waits for locks for a moment only, and is tried again. */
    SHORT_LOCK,
    /** Outside of a transaction, because it waits for other transactions and locks nothing. */
    CONCURRENT,
    /** Portion by portion; the statement is only described. */
    NUMBERING,
    /** By the installation of the other tables; the statements are those of init. */
    INSTALLATION
  }

  /** Returns the step as text, with its number. */
  String described(int number) {
    return number + ". " + sentence + (sql.isEmpty() ? "" : "\n" + sql.indent(5).stripTrailing());
  }
}
