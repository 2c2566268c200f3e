package io.outboxrelay.source;

import io.outboxrelay.page.EventPage;
import io.outboxrelay.wal.LogBatch;
import io.outboxrelay.wal.LogProbe;
import io.outboxrelay.wal.LogStream;
import io.outboxrelay.window.DeliveredSet;
import io.outboxrelay.window.LoggedPosition;
import io.outboxrelay.window.ReadPosition;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages from the log and adds their transactions to the set of delivered ones.
 *
 * <p>The reader adds the id of each transaction, which it learns from the transaction's events. The
 * id of a transaction without an event therefore remains a gap in the set. Probes close such gaps:
 * once the log has been read beyond the position of a probe, the reader adds all transactions that
 * the probe's snapshot sees.
 *
 * <p>Use it on one event loop only.
 */
final class LogReader {
  private static final int MOST_PROBES = 64;

  /**
   * If the log of a permanent slot has grown by this many bytes, a page is returned even without
   * events, so that its position is stored.
   */
  private static final long IDLE_BYTES = 1L << 20;

  private final LogStream stream;
  private final DeliveredSet delivered;
  private final boolean isStored;
  private final ArrayDeque<LogProbe.Answer> probes = new ArrayDeque<>();
  private long reached;
  private long handedOverAt;

  /**
   * The floor of the page that was returned last. The first value is below any real floor, so that
   * the first page is returned even if it holds no event, because the clean-up deletes nothing
   * before it knows a floor.
   */
  private long floor = Long.MIN_VALUE;

  private @Nullable LoggedPosition handedOver;
  private boolean storedAll = true;
  private boolean isEnded;

  /**
   * @param stream the stream to read; it must not be started yet
   * @param delivered the set of delivered transactions; must contain every transaction that the
   *     stream does not yield
   * @param from the position in the log from which the stream yields every transaction
   * @param isStored true if a later reader continues from a stored position, so that the server
   *     must keep the log from that position on
   */
  LogReader(LogStream stream, DeliveredSet delivered, long from, boolean isStored) {
    this.stream = stream;
    this.delivered = delivered;
    this.isStored = isStored;
    this.reached = from;
    this.handedOverAt = from;
    stream.start(delivered.settled(), delivered.partial());
  }

  /** Completes with the next page; it may be empty if only the floor has risen. */
  Future<EventPage<ReadPosition>> next() {
    Promise<EventPage<ReadPosition>> page = Promise.promise();
    read(page);
    return page.future();
  }

  private void read(Promise<EventPage<ReadPosition>> page) {
    stream.next().onComplete(batch -> taken(batch, page), page::tryFail);
  }

  private void taken(LogBatch batch, Promise<EventPage<ReadPosition>> page) {
    if (isEnded) {
      // The reader has ended, so the table delivers these events.
      page.tryFail("the log is not read any more");
      return;
    }
    var progress = batch.progress();
    delivered.deliver(progress.ended(), progress.partial());
    reached = Math.max(reached, progress.position());
    settle();
    boolean isRisen = delivered.floor() > floor;
    floor = delivered.floor();
    // If the outbox is idle, few positions are stored, because each stored checkpoint adds to the
    // log.
    boolean isWorthStoring = isStored && reached - handedOverAt >= IDLE_BYTES;
    boolean isEmpty = batch.events().isEmpty() && progress.withdrawn().size() == 0;
    if (isEmpty && !isRisen && !isWorthStoring) {
      read(page);
      return;
    }
    handedOverAt = reached;
    var position = delivered.position(progress.withdrawn(), reached);
    handedOver = position;
    storedAll = false;
    page.tryComplete(new EventPage<>(batch.events(), batch.defects(), batch.bytes(), position));
  }

  private void settle() {
    while (!probes.isEmpty() && probes.element().position() <= reached) {
      var probe = probes.remove();
      delivered.settle(probe.snapshot(), probe.fence());
    }
    stream.want(probes.isEmpty() ? Long.MAX_VALUE : probes.element().position());
  }

  /**
   * Throws {@code ContradictionException} if the sequence was set back, because events could then
   * be lost.
   *
   * @param sequence the name of the sequence, for the message
   */
  void verify(String sequence, LogProbe.Answer answer) {
    delivered.verifySequence(sequence, answer.fence().top());
  }

  /**
   * Adds the answer of a probe, which takes effect as soon as the log is read beyond its position.
   */
  void probed(LogProbe.Answer answer) {
    probes.add(answer);
    if (probes.size() > MOST_PROBES) {
      thin();
    }
    stream.want(probes.element().position());
  }

  /**
   * Drops every second probe to bound their number. A later probe closes all gaps that a dropped
   * one would have closed.
   */
  private void thin() {
    var kept = new ArrayDeque<LogProbe.Answer>(MOST_PROBES);
    boolean keeps = false;
    for (var probe : probes) {
      if (keeps) {
        kept.add(probe);
      }
      keeps = !keeps;
    }
    probes.clear();
    probes.addAll(kept);
  }

  @SuppressWarnings("ReferenceEquality") // the same object: an equal one may have been read earlier
  private boolean isLastHandedOver(LoggedPosition position) {
    return position == handedOver;
  }

  /**
   * Tells the server that it may remove the log before a stored position. Must be called for each
   * position that was stored.
   */
  void stored(ReadPosition position) {
    if (position instanceof LoggedPosition logged) {
      stream.confirm(logged.log());
      storedAll = isLastHandedOver(logged);
    }
  }

  /**
   * Lets the server remove log that holds no event. Does nothing while a page that was read is not
   * stored yet.
   */
  void confirmIdle() {
    if (storedAll && !isStored) {
      stream.confirm(stream.idlePosition());
    }
  }

  long gaps() {
    return delivered.gaps();
  }

  /**
   * Ends the stream and returns the set of delivered transactions, with which the table continues.
   */
  DeliveredSet end() {
    isEnded = true;
    stream.close();
    return delivered;
  }
}
