package io.outboxrelay.wal;

import io.outboxrelay.account.PageAccount;
import io.outboxrelay.database.ReplicationOptions;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.outbox.OutboxColumns;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.window.PartialTransaction;
import io.outboxrelay.window.Snapshot;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads one replication slot on a thread of its own, from its creation to its end.
 *
 * <p>All methods are called from one event loop. The connection ends after a failure and at {@link
 * #close}. The server drops a temporary slot at the end of its connection. A temporary slot
 * therefore never remains unread and fills the server's disk.
 */
public final class LogStream {
  /**
   * How often the client reports its position to the server. It must report often, because the
   * server ends a connection on which it receives nothing for a minute ({@code
   * wal_sender_timeout}).
   */
  private static final long FEEDBACK_NANOS = 1_000_000_000L;

  private static final int HEADER = 1 + 3 * Long.BYTES;
  private static final int REPLY_FLAG = 1 + 2 * Long.BYTES;

  private final Context context;
  private final Supplier<ReplicationOptions> options;
  private final Slot slot;
  private final Selection selection;
  private final LogBuffer buffer;
  private final Promise<Created> created = Promise.promise();
  private final CountDownLatch begin = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable ReplicationConnection connection;
  private volatile Snapshot delivered = Snapshot.NOTHING;
  private volatile @Nullable PartialTransaction partial;
  private volatile long confirmed;
  private volatile boolean closed;
  private long fedBack = System.nanoTime();
  private long told;

  /**
   * @param name the name of the slot
   * @param publication the name of the publication that contains the outbox
   * @param life how long the slot lives
   */
  public record Slot(String name, String publication, Life life) {
    /** Returns a slot that the stream creates and that ends with the stream's connection. */
    public static Slot temporary(String name, String publication) {
      return new Slot(name, publication, Life.TEMPORARY);
    }
  }

  /** How long a slot lives. */
  public enum Life {
    /** The stream creates the slot, which ends with the connection. */
    TEMPORARY,
    /** The stream creates the slot, which outlives the connection. */
    PERMANENT,
    /** The slot exists before the stream and outlives the connection. */
    EXISTING
  }

  /**
   * The rows to read, and the bounds of a batch.
   *
   * @param outbox the oid of the table
   * @param share the shard from which to read
   */
  public record Selection(
      int outbox, ShardKey share, RowFormat rows, int maxEvents, long maxBytes) {}

  /**
   * The content of the rows.
   *
   * @param columns the columns of the table
   * @param events makes events of rows
   */
  public record RowFormat(OutboxColumns columns, PayloadType payload, EventColumns events) {}

  /**
   * The slot that {@link #create} has created or found.
   *
   * @param server a text that identifies the server and its last start, see {@link LogProbe#SERVER}
   * @param position the position in the log from which the slot yields every commit; 0 if the slot
   *     existed before
   */
  public record Created(String server, long position) {}

  /**
   * @param options returns the options of the connection; called on the stream's own thread,
   *     because it may read files
   */
  public LogStream(
      Vertx vertx, Supplier<ReplicationOptions> options, Slot slot, Selection selection) {
    this.context = vertx.getOrCreateContext();
    this.options = options;
    this.slot = slot;
    this.selection = selection;
    this.buffer = new LogBuffer(context, selection.maxEvents, selection.maxBytes);
    this.thread = new Thread(this::run, "outbox-log-" + selection.share.shard());
    thread.setDaemon(true);
  }

  public String slot() {
    return slot.name;
  }

  /**
   * Connects, and creates the slot if its life demands that. The server completes the creation of a
   * slot only after every running transaction that writes has ended, including prepared
   * transactions. If anything fails, completes with a {@link LogFailure}.
   */
  public Future<Created> create() {
    thread.start();
    return created.future();
  }

  /**
   * Starts the stream.
   *
   * @param delivered the transactions to skip, because all of their rows were delivered before
   * @param partial a transaction of which the first rows are skipped, because they were delivered
   *     before; null if there is none
   */
  public void start(Snapshot delivered, @Nullable PartialTransaction partial) {
    this.delivered = delivered;
    this.partial = partial;
    begin.countDown();
  }

  /** Completes with the next events; fails with a {@link LogFailure}. */
  public Future<LogBatch> next() {
    return buffer.next();
  }

  /** Returns the failure with which {@link #next} will end; null if there is none. */
  public @Nullable LogFailure failure() {
    return buffer.failure();
  }

  /**
   * Makes {@link #next} complete when the log is read up to this position, even if there is no
   * event.
   */
  public void want(long position) {
    buffer.want(position);
  }

  /**
   * Returns the position up to which the log was read, if all events up to there were handed over;
   * otherwise 0.
   */
  public long idlePosition() {
    return buffer.isEmpty() ? buffer.position() : 0;
  }

  /** Lets the server remove the log before {@code position}. */
  public void confirm(long position) {
    confirmed = Math.max(confirmed, position);
  }

  /** Ends the stream, and a temporary slot with it. A second call has no effect. */
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    begin.countDown();
    buffer.fail(new LogFailure(LogFailure.Reason.CONNECTION, "the stream was closed"));
    var open = connection;
    if (open != null) {
      var closer = new Thread(open::abort, thread.getName() + "-end");
      closer.setDaemon(true);
      closer.start();
    }
  }

  private void run() {
    try {
      var open = ReplicationConnection.open(options.get());
      connection = open;
      if (closed) {
        open.abort();
        return;
      }
      String server = open.server();
      var slotCreated = new Created(server, createSlot(open));
      context.runOnContext(back -> created.tryComplete(slotCreated));
      begin.await();
      if (!closed) {
        open.start(slot.name, slot.publication);
        read(open);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failed(e);
    } catch (Throwable e) {
      // Errors are caught as well as exceptions, because the relay waits for the outcome of this
      // thread.
      failed(e);
    }
  }

  private long createSlot(ReplicationConnection open) throws SQLException {
    return slot.life == Life.EXISTING ? 0 : open.createSlot(slot.name, slot.life == Life.TEMPORARY);
  }

  private void failed(Throwable e) {
    var failure = LogFailure.of(e);
    context.runOnContext(back -> created.tryFail(failure));
    buffer.fail(failure);
    var open = connection;
    if (open != null) {
      open.abort();
    }
  }

  private void read(ReplicationConnection open) throws SQLException, InterruptedException {
    var decoder = new PgOutputDecoder(selection.outbox, selection.rows.columns, new Receiver(open));
    while (!closed) {
      byte[] message = open.read();
      if (message == null) {
        throw new LogFailure(
            LogFailure.Reason.CONNECTION, "the server ended the replication stream");
      }
      switch (message[0]) {
        case 'w' -> decoder.decode(message, HEADER);
        case 'k' -> {
          // The server sends commits in order. It has therefore sent all commits that end before
          // this position.
          buffer.advance(number(message, 1));
          if (message[REPLY_FLAG] != 0) {
            feedBack(open);
          }
        }
        default -> throw unknown(message[0]);
      }
      if (isFeedbackDue()) {
        feedBack(open);
      }
    }
  }

  private static LogFailure unknown(byte kind) {
    return new LogFailure(
        LogFailure.Reason.CONTENT,
        "the server sent a replication message of the unknown kind " + (char) kind);
  }

  private static long number(byte[] message, int at) {
    long number = 0;
    for (int i = at; i < at + Long.BYTES; i++) {
      number = (number << Byte.SIZE) | (message[i] & 0xff);
    }
    return number;
  }

  private boolean isFeedbackDue() {
    long waited = System.nanoTime() - fedBack;
    return waited > FEEDBACK_NANOS || (confirmed > told && waited > FEEDBACK_NANOS / 10);
  }

  private void feedBack(ReplicationConnection open) throws SQLException {
    fedBack = System.nanoTime();
    told = confirmed;
    open.confirm(told);
  }

  /** Converts the rows of a transaction to events, except rows that were delivered before. */
  private final class Receiver implements ChangeListener {
    private final ReplicationConnection open;
    private final LoggedEvents events = new LoggedEvents(selection.rows);
    private int lowXid;
    private long xid;
    private long rows;
    private long last;
    private long skippedRows;
    private boolean skips;
    private @Nullable String defect;
    private final RecentRows written = new RecentRows();

    /**
     * The sequence numbers of the transaction's rows by id. They are needed because the log of an
     * adopted table may contain only the id of a deleted row.
     */
    private final RecentIds ids = new RecentIds();

    Receiver(ReplicationConnection open) {
      this.open = open;
    }

    @Override
    public void begin(int low) {
      lowXid = low;
      xid = 0;
      rows = 0;
      last = 0;
      skippedRows = 0;
      skips = false;
      written.clear();
      ids.clear();
    }

    @Override
    public void insert(InsertedRow row) throws InterruptedException {
      if (row.isNull(OutboxColumn.SEQ)) {
        return; // a row of an adopted table that was not numbered is no event
      }
      identify(row.number(OutboxColumn.XID));
      if (skips || !isMine(row)) {
        return;
      }
      rows++;
      long seq = row.number(OutboxColumn.SEQ);
      last = Math.max(last, seq);
      if (selection.rows.columns.isMapped()) {
        ids.add(row.text(OutboxColumn.ID), seq);
      }
      if (rows <= skippedRows) {
        written.add(seq, PageAccount.hash(seq, events.id(row)));
        return;
      }
      defect = null;
      var event = events.event(row, this::defective);
      long size =
          200
              + row.size(OutboxColumn.PAYLOAD)
              + row.size(OutboxColumn.AGGREGATE_TYPE)
              + row.size(OutboxColumn.AGGREGATE_ID)
              + row.size(OutboxColumn.EVENT_TYPE)
              + 2L * (row.size(OutboxColumn.HEADERS) + row.furtherSize());
      written.add(seq, PageAccount.hash(seq, event.id()));
      var after = new PartialTransaction(xid, rows, last, PageAccount.empty());
      if (!buffer.add(event, defect, size, after, this::stayConnected)) {
        throw new LogFailure(LogFailure.Reason.CONNECTION, "the stream was closed");
      }
    }

    /**
     * Subtracts a deleted row from the account if the open transaction has written the row. Ignores
     * a delete among the rows that were delivered before, because the account of these rows already
     * contains the delete.
     */
    @Override
    public void delete(InsertedRow row) throws InterruptedException {
      long seq =
          row.isNull(OutboxColumn.SEQ)
              ? ids.seq(row.text(OutboxColumn.ID))
              : row.number(OutboxColumn.SEQ);
      var hash = written.remove(seq);
      if (hash != null && rows >= skippedRows && !buffer.withdraw(seq, hash, this::stayConnected)) {
        throw new LogFailure(LogFailure.Reason.CONNECTION, "the stream was closed");
      }
    }

    private void defective(Long seq, String why) {
      defect = defect == null ? why : defect;
    }

    private void identify(long full) {
      if ((int) full != lowXid || (xid != 0 && xid != full)) {
        throw new LogFailure(
            LogFailure.Reason.CONTENT,
            "a row of transaction %d carries the xid %d, so it was copied or restored"
                .formatted(Integer.toUnsignedLong(lowXid), full));
      }
      if (xid == 0) {
        xid = full;
        skips = delivered.sees(full);
        var before = partial;
        if (before != null && before.xid() == full && !skips) {
          skippedRows = before.rows();
          buffer.continuesFrom(before.account());
        }
      }
    }

    private boolean isMine(InsertedRow row) {
      int shards = selection.share.of();
      if (shards == 1) {
        return true;
      }
      byte[] id = row.bytes(OutboxColumn.AGGREGATE_ID);
      int shard = id == null ? 0 : AggregateHash.shardOf(id, shards);
      return shard == selection.share.shard();
    }

    /**
     * Sends feedback while the reading thread waits for space, because the server ends a silent
     * connection. Returns false if the stream was closed.
     */
    private boolean stayConnected() {
      try {
        if (isFeedbackDue()) {
          feedBack(open);
        }
        return !closed;
      } catch (SQLException e) {
        throw LogFailure.of(e);
      }
    }

    @Override
    public void commit(long end) {
      if (xid != 0 && !skips) {
        buffer.end(xid, end);
      } else {
        buffer.advance(end);
      }
    }
  }

  /** Returns the slot's name and what it reads, for messages. */
  @Override
  public String toString() {
    return "slot " + slot.name + " of " + Objects.toString(selection.share);
  }
}
