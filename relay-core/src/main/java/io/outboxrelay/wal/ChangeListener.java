package io.outboxrelay.wal;

/**
 * Receives the committed transactions that {@link PgOutputDecoder} decodes, in commit order.
 *
 * <p>The calls for one transaction are {@code begin}, any number of {@code insert} and {@code
 * delete}, {@code commit}; transactions do not overlap.
 */
interface ChangeListener {
  /**
   * A transaction begins.
   *
   * @param lowXid the lower 32 bits of its id
   */
  void begin(int lowXid) throws InterruptedException;

  /**
   * A row was inserted into the outbox.
   *
   * @param row the row; the object is reused for the next row, so it must not be kept
   */
  void insert(InsertedRow row) throws InterruptedException;

  /**
   * A row was deleted from the outbox.
   *
   * @param row the columns of the replica identity, usually the primary key; the object is reused
   *     for the next row, so it must not be kept
   */
  void delete(InsertedRow row) throws InterruptedException;

  /**
   * The transaction has ended.
   *
   * @param end the position in the log after its commit
   */
  void commit(long end) throws InterruptedException;
}
