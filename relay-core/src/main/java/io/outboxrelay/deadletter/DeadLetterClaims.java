package io.outboxrelay.deadletter;

import io.vertx.core.Future;
import java.util.List;

/**
 * Takes an aggregate's dead letters out again, in order, page by page.
 *
 * <p>What is taken is marked so: nobody can edit or discard it any more, and whoever owns the
 * aggregate after a crash goes on with it. The mark passes on from page to page in one step, so
 * that a crash finds it either on what may not have been sent or nowhere, as nothing is left.
 */
public interface DeadLetterClaims {
  /**
   * Some letters in order, and whether there were more.
   *
   * @param deadLetters empty only where none waits
   */
  record Page(List<DeadLetter> deadLetters, boolean more) {
    public List<Long> seqs() {
      return deadLetters.stream().map(deadLetter -> deadLetter.event().seq()).toList();
    }
  }

  /**
   * Notes in one step that {@code settled} were sent, and takes the letters that come next.
   *
   * @param after only letters with a higher sequence number, to spare looking through those sent
   *     already; {@link Long#MIN_VALUE} for whatever waits
   */
  Future<Page> next(String aggregateId, List<Long> settled, long after);

  /** Notes that letters were sent; whatever else was taken remains marked. */
  Future<Void> settle(List<Long> settled);

  /**
   * Notes in one step that {@code settled} were sent and what became of the one after them, and
   * gives everything else of the aggregate back: it waits again, and the one after them where it is
   * to be tried by itself.
   */
  Future<Void> giveBack(
      String aggregateId, List<Long> settled, RedeliveryFailure redeliveryFailure);
}
