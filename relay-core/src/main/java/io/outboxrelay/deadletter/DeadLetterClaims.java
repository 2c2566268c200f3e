package io.outboxrelay.deadletter;

import io.vertx.core.Future;
import java.util.List;

/**
 * Claims dead letters for redelivery: those of a parked aggregate in order, page by page, and
 * skipped ones by their sequence numbers.
 *
 * <p>A claimed dead letter is marked in the table. Operators can neither edit nor discard it, and
 * after a crash the next owner of the shard continues with it. One statement records a page as
 * published and claims the next page. Therefore, until the redelivery of a parked aggregate ends,
 * at least one of its dead letters is always marked, also after a crash.
 */
public interface DeadLetterClaims {
  /**
   * Some dead letters in order.
   *
   * @param deadLetters the claimed dead letters; empty only if none is left
   * @param more true if more dead letters follow
   */
  record Page(List<DeadLetter> deadLetters, boolean more) {
    public List<Long> seqs() {
      return deadLetters.stream().map(deadLetter -> deadLetter.event().seq()).toList();
    }
  }

  /**
   * Records that {@code settled} were published and claims the next dead letters, both in one
   * statement.
   *
   * @param settled the sequence numbers of published dead letters
   * @param after claims only dead letters with a higher sequence number, so that published ones are
   *     not scanned again; {@link Long#MIN_VALUE} for all that wait
   */
  Future<Page> next(String aggregateId, List<Long> settled, long after);

  /** Claims skipped dead letters, which have no order, if their redelivery is still requested. */
  Future<List<DeadLetter>> take(List<Long> seqs);

  /**
   * Records that the dead letters {@code settled} were published. Other claimed dead letters stay
   * marked.
   */
  Future<Void> settle(List<Long> settled);

  /**
   * Records in one statement that {@code settled} were published and that the redelivery of one
   * more dead letter failed, and releases all other claimed dead letters of the aggregate. If the
   * failed dead letter was not rejected, its redelivery remains requested, so the relay tries it
   * again without an operator's request.
   *
   * @param settled the sequence numbers of published dead letters
   */
  Future<Void> giveBack(
      String aggregateId, List<Long> settled, RedeliveryFailure redeliveryFailure);
}
