package io.outboxrelay.wal;

import io.outboxrelay.account.PageAccount;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.window.PartialTransaction;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The events that were read from the log since the previous batch; all of them are committed.
 *
 * @param events the events, with ascending sequence numbers; an aggregate's events are in order
 *     across batches
 * @param defects the reason for each event that cannot become a message, by sequence number
 * @param bytes the approximate size of the events in memory
 * @param progress how far the log is read with them
 */
public record LogBatch(
    List<OutboxEvent> events, Map<Long, String> defects, long bytes, Progress progress) {

  /**
   * How far the log has been read with a batch.
   *
   * @param ended the ids of the transactions that are complete with this batch, so that all of
   *     their rows are handed over
   * @param partial the transaction that continues in the next batch; null if there is none
   * @param withdrawn the account of the events that were deleted in the transaction that wrote
   *     them; it is subtracted
   * @param position the position in the log up to which all committed transactions were handed
   *     over; zero if it is not known yet
   */
  public record Progress(
      List<Long> ended,
      @Nullable PartialTransaction partial,
      PageAccount withdrawn,
      long position) {}
}
