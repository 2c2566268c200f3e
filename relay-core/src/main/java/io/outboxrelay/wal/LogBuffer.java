package io.outboxrelay.wal;

import io.outboxrelay.account.PageAccount;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.window.PartialTransaction;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Passes events from the thread that reads the log to the event loop that publishes them.
 *
 * <p>The buffer holds at most one page of events. If the relay publishes slowly, the backlog
 * therefore stays on the server. A batch consists of all events that were read since the previous
 * batch. A busy relay therefore gets large batches, and an idle relay gets each transaction at
 * once.
 */
final class LogBuffer {
  private static final Comparator<OutboxEvent> BY_SEQ = Comparator.comparingLong(OutboxEvent::seq);

  private final Context context;
  private final int maxEvents;
  private final long maxBytes;
  private List<OutboxEvent> events = new ArrayList<>();
  private Map<Long, String> defects = new HashMap<>();
  private List<Long> ended = new ArrayList<>();
  private long bytes;
  private boolean sorted = true;
  private @Nullable PartialTransaction open;

  /** The index of the open transaction's first row in {@link #events}. */
  private int openFrom;

  /** The account of the open transaction's rows that were handed over in earlier batches. */
  private PageAccount openBefore = PageAccount.empty();

  /**
   * The negated account of events that were deleted, since the last batch, by the transaction that
   * wrote them.
   */
  private PageAccount withdrawn = PageAccount.empty();

  /** The part of {@link #withdrawn} that belongs to the open transaction. */
  private PageAccount openWithdrawn = PageAccount.empty();

  private long position;
  private long wanted = Long.MAX_VALUE;
  private @Nullable Promise<LogBatch> reader;
  private @Nullable LogFailure failure;

  /**
   * @param context the context of the event loop
   */
  LogBuffer(Context context, int maxEvents, long maxBytes) {
    this.context = context;
    this.maxEvents = maxEvents;
    this.maxBytes = maxBytes;
  }

  /**
   * Adds an event of the open transaction. Blocks while the buffer holds a full page.
   *
   * @param defect the reason why the event cannot become a message; null if it can
   * @param size the approximate bytes of the event in memory
   * @param after the part of the transaction that is delivered with this event
   * @param whileFull called about once a second while this method blocks; if it returns false, the
   *     wait ends
   * @return false if the wait ended before the event was added
   */
  synchronized boolean add(
      OutboxEvent event,
      @Nullable String defect,
      long size,
      PartialTransaction after,
      BooleanSupplier whileFull)
      throws InterruptedException {
    if (!awaitSpace(whileFull)) {
      return false;
    }
    sorted &= events.isEmpty() || events.get(events.size() - 1).seq() < event.seq();
    events.add(event);
    if (defect != null) {
      defects.put(event.seq(), defect);
    }
    bytes += size;
    open = after;
    if (isFull()) {
      deliver();
    }
    return true;
  }

  /**
   * Subtracts an event of the open transaction from the account, because that transaction has
   * deleted the event. Blocks while the buffer holds a full page, so that the delete is counted
   * with the next batch and not after the last row of a full one.
   *
   * @return false if the wait ended before the event was subtracted
   */
  synchronized boolean withdraw(long seq, long hash, BooleanSupplier whileFull)
      throws InterruptedException {
    if (!awaitSpace(whileFull)) {
      return false;
    }
    withdrawn.remove(seq, hash);
    openWithdrawn.remove(seq, hash);
    return true;
  }

  private boolean awaitSpace(BooleanSupplier whileFull) throws InterruptedException {
    while (isFull()) {
      if (failure != null || !whileFull.getAsBoolean()) {
        return false;
      }
      wait(1_000);
    }
    return true;
  }

  private boolean isFull() {
    return events.size() >= maxEvents || bytes >= maxBytes;
  }

  /**
   * Records the end of a transaction of which rows were added, to this buffer or by an earlier
   * stream.
   *
   * @param end the position in the log after the commit
   */
  synchronized void end(long xid, long end) {
    ended.add(xid);
    open = null;
    openFrom = events.size();
    openBefore = PageAccount.empty();
    openWithdrawn = PageAccount.empty();
    advance(end);
  }

  /**
   * Sets the account of those rows of the open transaction that an earlier stream has delivered.
   */
  synchronized void continuesFrom(PageAccount before) {
    openBefore = before;
  }

  /**
   * Records that the log is read up to {@code end}: every transaction with a commit that ends at or
   * before this position is in this buffer or was handed over.
   */
  synchronized void advance(long end) {
    position = Math.max(position, end);
    deliver();
  }

  /** Completes on the event loop with the next batch; fails if reading the log has failed. */
  synchronized Future<LogBatch> next() {
    Promise<LogBatch> promise = Promise.promise();
    reader = promise;
    deliver();
    return promise.future();
  }

  /**
   * Makes {@link #next} complete when the log is read up to this position, even if there is no
   * event.
   */
  synchronized void want(long reached) {
    wanted = reached;
    deliver();
  }

  /**
   * Returns the position up to which the log was read. Events up to that position may still be in
   * this buffer.
   */
  synchronized long position() {
    return position;
  }

  /** Returns true if all rows and commits that were added have been handed over. */
  synchronized boolean isEmpty() {
    return events.isEmpty() && ended.isEmpty() && open == null;
  }

  /** Returns the failure with which the buffer ended; null if it has not ended. */
  synchronized @Nullable LogFailure failure() {
    return failure;
  }

  /** Ends the buffer. Events that were not handed over are dropped. */
  synchronized void fail(LogFailure reason) {
    if (failure == null) {
      failure = reason;
      events.clear();
      ended.clear();
    }
    notifyAll();
    var waiting = reader;
    if (waiting != null) {
      reader = null;
      context.runOnContext(back -> waiting.tryFail(reason));
    }
  }

  private void deliver() {
    var waiting = reader;
    if (waiting == null) {
      return;
    }
    if (failure != null) {
      fail(failure);
      return;
    }
    boolean isWhole = open == null && (!events.isEmpty() || !ended.isEmpty());
    if (isFull() || isWhole || (open == null && position >= wanted)) {
      reader = null;
      var batch = take();
      context.runOnContext(back -> waiting.tryComplete(batch));
    }
  }

  private LogBatch take() {
    var partial = open;
    if (partial != null) {
      openBefore = openBefore.plus(events.subList(openFrom, events.size())).plus(openWithdrawn);
      openWithdrawn = PageAccount.empty();
      partial = partial.with(openBefore);
    }
    openFrom = 0;
    if (!sorted) {
      events.sort(BY_SEQ);
    }
    if (position >= wanted) {
      wanted = Long.MAX_VALUE;
    }
    var batch =
        new LogBatch(
            events, defects, bytes, new LogBatch.Progress(ended, partial, withdrawn, position));
    events = new ArrayList<>();
    defects = new HashMap<>(0);
    ended = new ArrayList<>();
    withdrawn = PageAccount.empty();
    bytes = 0;
    sorted = true;
    notifyAll();
    return batch;
  }
}
