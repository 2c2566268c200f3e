package io.outboxrelay.window;

import io.outboxrelay.doorbell.Doorbell;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.Numbering;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.ShardLayout;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Yields pages of events from the outbox table, which it reads in windows. The doorbell decides how
 * long the source waits between two windows.
 *
 * <p>All queries use one connection, the one that owns the shard. If that connection is lost,
 * neither a page can be read nor a checkpoint be written under this relay's epoch.
 */
public final class TableSource {
  /**
   * The most sequence numbers that one page scans. Scanning so many takes some hundred
   * milliseconds, or longer if the disk is slow.
   */
  private static final int MAX_WALK = 200_000;

  private static final int REHEARSED = 100;

  private static final Duration VERIFIED_EVERY = Duration.ofSeconds(5);

  private final Doorbell doorbell;
  private final CheckpointStore checkpoints;
  private final WindowReader reader;
  private final Checkpoint start;
  private final Supplier<Future<Void>> numbering;
  private @Nullable Long awaited;
  private long lastVerified = System.nanoTime();
  private long lastFence;
  private long eventsOfWindow;
  private long floor = -1;
  private boolean atTheEnd;

  private TableSource(
      Doorbell doorbell,
      CheckpointStore checkpoints,
      WindowReader reader,
      Checkpoint start,
      Supplier<Future<Void>> numbering) {
    this.numbering = numbering;
    this.doorbell = doorbell;
    this.checkpoints = checkpoints;
    this.reader = reader;
    this.start = start;
    this.lastFence = reader.fence();
  }

  /** The outbox and the shard that a source reads, and the bounds of its pages. */
  public record PageLimits(
      OutboxNames names,
      ShardKey share,
      PayloadType payload,
      int pageEvents,
      long pageBytes,
      long maxEventBytes) {}

  /**
   * The parts of a relay that a source works with.
   *
   * @param doorbell wakes the source
   * @param metrics counts the events that are read
   * @param onCall is called at every look while a command asks all owners to release their shards
   */
  public record Collaborators(Doorbell doorbell, ShardMetrics metrics, Runnable onCall) {}

  /**
   * The relay that takes a shard over, as the checkpoint row names it.
   *
   * @param name the name to store as the owner
   * @param configFingerprint the fingerprint of the configuration to store with it
   */
  public record Owner(String name, String configFingerprint) {}

  /**
   * Takes over the shard and continues from its checkpoint.
   *
   * @param connection the connection that owns the shard, on which {@link #PLAN} was executed
   */
  public static Future<TableSource> open(
      SqlConnection connection, Owner owner, PageLimits limits, Collaborators collaborators) {
    return openAt(connection, owner, limits, collaborators, UnaryOperator.identity());
  }

  /**
   * Takes over the shard as {@link #open} does, and begins at a position that the caller has stored
   * in another place. If that position is not the shard's checkpoint, the checkpoint is moved to it
   * first.
   *
   * @param start returns the position to begin at, given the stored checkpoint; all events up to
   *     that position must be confirmed by the broker
   */
  public static Future<TableSource> openAt(
      SqlConnection connection,
      Owner owner,
      PageLimits limits,
      Collaborators collaborators,
      UnaryOperator<Checkpoint> start) {
    var names = limits.names();
    var checkpoints = new CheckpointStore(connection, names, limits.share());
    var query = pages(connection, limits);
    return checkpoints
        .claimAt(owner, start)
        .map(
            from ->
                new TableSource(
                    collaborators.doorbell,
                    checkpoints,
                    new WindowReader(
                        query,
                        from,
                        collaborators.doorbell::answeredAfter,
                        collaborators.metrics,
                        collaborators.onCall),
                    from,
                    () ->
                        Numbering.verify(connection, names)
                            .compose(verified -> ShardLayout.read(connection, names))
                            .mapEmpty()));
  }

  /**
   * Reads the newest events once and changes nothing. A warm standby calls this so that the relay
   * and the server have already done the additional work of a first read when it takes over.
   */
  public static Future<List<OutboxEvent>> rehearse(SqlConnection connection, PageLimits limits) {
    var query = pages(connection, limits);
    return query
        .last()
        .map(last -> Checkpoint.beginningAfter(last - REHEARSED))
        .compose(from -> WindowReader.unattended(query, from).next())
        .map(EventPage::events);
  }

  /**
   * Moves the checkpoint of a shard; the connection must own the shard. Fails and moves nothing if
   * no reader can continue from {@code position} in this database.
   */
  public static Future<Void> move(
      SqlConnection connection,
      Owner owner,
      OutboxNames names,
      ShardKey share,
      Checkpoint position) {
    return new CheckpointStore(connection, names, share)
        .claimAt(owner, stored -> position)
        .mapEmpty();
  }

  private static PageQuery pages(SqlConnection connection, PageLimits limits) {
    return new PageQuery(
        connection,
        limits.names(),
        limits.share(),
        EventColumns.of(
            connection, limits.names().columns(), limits.payload(), limits.maxEventBytes()),
        new PageQuery.PageSize(limits.pageEvents(), limits.pageBytes(), MAX_WALK));
  }

  /**
   * The SQL that sets up the connection. The first settings make the page query scan the index in
   * order. Otherwise the planner could choose a bitmap scan and a sort, which read the whole
   * backlog for every page. The last setting lets a commit return before it is on disk. If the
   * server crashes, the newest checkpoints may be lost; their events are then published twice, but
   * not lost.
   */
  public static final String PLAN =
      """
      set enable_bitmapscan = off;
      set enable_sort = off;
      set enable_seqscan = off;
      set jit = off;
      set enable_indexscan = on;
      set max_parallel_workers_per_gather = 0;
      set plan_cache_mode = force_generic_plan;
      set synchronous_commit = off;
      """;

  /** Returns the checkpoint from which this source began. */
  public Checkpoint start() {
    return start;
  }

  /** Returns the epoch under which this relay owns the shard. */
  public long epoch() {
    return checkpoints.epoch();
  }

  /** Returns the shard and epoch under which this relay may write to other tables. */
  public OwnerEpoch owner() {
    return checkpoints.owner();
  }

  /**
   * Prepares the change to the log: makes {@link #next} complete, possibly with an empty page, as
   * soon as all transactions below {@code xid} have ended and their events were read. The log can
   * then deliver all other transactions.
   */
  public void handOverAt(long xid) {
    awaited = xid;
    doorbell.ring();
  }

  /**
   * Returns how far the stored checkpoints cover the log of a permanent slot; null if they do not
   * cover it.
   */
  public @Nullable LogMark mark() {
    return checkpoints.mark();
  }

  /** From now on, stores a {@link LogMark} with each checkpoint that is a position in the log. */
  public void markFromNowOn(String slot, String publication) {
    checkpoints.markFromNowOn(slot, publication);
  }

  /** Ends the storing of a {@link LogMark} with checkpoints. */
  public void unmark() {
    checkpoints.unmark();
  }

  /** Returns true if no window is open, so that the log can continue at once. */
  public boolean isBetweenWindows() {
    return !reader.isInWindow();
  }

  /** Ends the wait between two windows at once. */
  public void wake() {
    doorbell.ring();
  }

  /** Withdraws the call of {@link #handOverAt}, because the table continues to be read. */
  public void keep() {
    awaited = null;
  }

  /**
   * Returns true if all transactions below the id given to {@link #handOverAt} have ended and were
   * read.
   */
  public boolean isReadyToHandOver() {
    var xid = awaited;
    return xid != null && !reader.isInWindow() && reader.settledXmin() >= xid;
  }

  /**
   * Returns the position at which the page that was read last begins. {@link Checkpoint#at} turns
   * it into the position after one of its events. Must be called after a page with an event was
   * read.
   */
  public Checkpoint pageStart() {
    return reader.pageStart();
  }

  /** Returns true if the window that was opened last has been read to its end. */
  public boolean isAtTheEnd() {
    return atTheEnd;
  }

  /**
   * Returns the set of delivered transactions, to which the reader of the log adds. Must be called
   * while {@link #isReadyToHandOver}. Keeps the doorbell awake, so that writers do not ring while
   * the log is read.
   */
  public DeliveredSet handOver() {
    awaited = null;
    doorbell.stayAwake();
    return reader.handOver();
  }

  /**
   * Does the work that a look does besides reading. It keeps writers from ringing the doorbell, and
   * every few seconds verifies how events get their transaction ids and sequence numbers. Must be
   * called regularly while the log is read.
   */
  public Future<Void> attend() {
    doorbell.stayAwake();
    long now = System.nanoTime();
    return now - lastVerified > VERIFIED_EVERY.toNanos() ? verified(now) : Future.succeededFuture();
  }

  /**
   * Reads the table again after the log. The transactions in {@code delivered} are not read again.
   */
  public void continueFrom(DeliveredSet delivered) {
    reader.continueFrom(delivered);
  }

  /** Reads the next page; see {@link io.outboxrelay.page.PageSource#next}. */
  public Future<EventPage<Checkpoint>> next() {
    Promise<EventPage<Checkpoint>> page = Promise.promise();
    nextPage(page);
    return page.future();
  }

  /**
   * Reads the next page: at once if a window is open, so that a backlog is read without waiting.
   * Otherwise waits until the doorbell wakes this source.
   */
  private void nextPage(Promise<EventPage<Checkpoint>> page) {
    if (reader.isInWindow()) {
      look(page);
    } else {
      doorbell
          .rest(reader.fence(), reader.settledXmin())
          .onComplete(rested -> look(page), page::fail);
    }
  }

  private void look(Promise<EventPage<Checkpoint>> page) {
    if (!reader.isInWindow()) {
      doorbell.looking();
    }
    long now = System.nanoTime();
    var read =
        now - lastVerified > VERIFIED_EVERY.toNanos()
            ? verified(now).compose(verified -> reader.next())
            : reader.next();
    read.onComplete(found -> looked(found, page), page::fail);
  }

  /**
   * Verifies how events get their transaction ids and sequence numbers. Called every few seconds,
   * because an operator can change that while the relay runs, and events could then be lost.
   */
  private Future<Void> verified(long now) {
    lastVerified = now;
    return numbering.get();
  }

  private void looked(EventPage<Checkpoint> found, Promise<EventPage<Checkpoint>> page) {
    var again = reader.takeReadAgain();
    if (again != null) {
      checkpoints.readAgain(again.account());
    }
    boolean settled = found.position().floor() > floor;
    floor = found.position().floor();
    eventsOfWindow += found.events().size();
    atTheEnd = !reader.isInWindow();
    if (!reader.isInWindow()) {
      windowRead();
    }
    if (!found.isEmpty() || settled || isReadyToHandOver()) {
      // An empty page that carries a new floor lets clean-up delete the events below it. Without
      // it, the last events would stay in the table until new ones arrive.
      checkpoints.read(found);
      page.complete(found);
    } else {
      // The chain of futures does not grow while there is nothing to read, because a timer or the
      // answer of the database comes between two looks.
      nextPage(page);
    }
  }

  /**
   * Tells the doorbell an estimate of how many transactions the window held. The estimate is the
   * smaller of two numbers: the events of the window, and the transaction ids that were assigned
   * since the previous window.
   */
  private void windowRead() {
    doorbell.found(Math.min(eventsOfWindow, Math.max(1, reader.fence() - lastFence)));
    eventsOfWindow = 0;
    lastFence = reader.fence();
  }

  /**
   * Notes a page that was read from the log. The account counts its events once its position is
   * stored. Later windows of the table do not scan for these events.
   */
  public void read(EventPage<ReadPosition> page) {
    checkpoints.read(page);
    reader.saw(page.events());
  }

  /** Stores a position of either source; see {@link io.outboxrelay.page.PageSource#confirm}. */
  public Future<Void> store(ReadPosition position) {
    return checkpoints.store(position);
  }

  /**
   * Stores a position as {@link #store} does, and completes once no crash of the server can lose
   * it.
   */
  public Future<Void> storeDurably(ReadPosition position) {
    return checkpoints.storeDurably(position);
  }
}
