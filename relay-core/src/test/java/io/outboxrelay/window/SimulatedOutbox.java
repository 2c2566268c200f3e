package io.outboxrelay.window;

import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An outbox table in memory that follows PostgreSQL's rules of visibility. */
final class SimulatedOutbox implements WindowQuery {
  /** The transaction of each row, by the row's number. */
  final TreeMap<Long, Long> rows = new TreeMap<>();

  /** The range of numbers that each query scanned, such as {@code (0,1]}. */
  final List<String> scans = new ArrayList<>();

  private final TreeSet<Long> running = new TreeSet<>();
  private final int pageEvents;
  private final @Nullable PartialTransaction leftOut;
  private final @Nullable SimulatedOutbox table;
  long sequence;
  boolean areOwnersCalled;
  private long nextXid = 10;

  SimulatedOutbox(int pageEvents) {
    this(pageEvents, null, null);
  }

  private SimulatedOutbox(
      int pageEvents, @Nullable PartialTransaction leftOut, @Nullable SimulatedOutbox table) {
    this.pageEvents = pageEvents;
    this.leftOut = leftOut;
    this.table = table;
  }

  long begin() {
    running.add(nextXid);
    return nextXid++;
  }

  /** Inserts {@code count} rows and returns the number of the last one. */
  long insert(long xid, int count) {
    for (int i = 0; i < count; i++) {
      rows.put(++sequence, xid);
    }
    return sequence;
  }

  void commit(long xid) {
    running.remove(xid);
  }

  /** Inserts {@code count} rows in a transaction of their own. */
  long committed(int count) {
    long xid = begin();
    long last = insert(xid, count);
    commit(xid);
    return last;
  }

  Snapshot snapshot() {
    long xmin = running.isEmpty() ? nextXid : running.first();
    String list = running.stream().map(String::valueOf).collect(Collectors.joining(","));
    return Snapshot.parse(xmin + ":" + nextXid + ":" + list);
  }

  long nextXid() {
    return nextXid;
  }

  private SimulatedOutbox table() {
    return table == null ? this : table;
  }

  @Override
  public Future<Long> last() {
    return Future.succeededFuture(table().sequence);
  }

  @Override
  public String sequence() {
    return "outbox_seq";
  }

  @Override
  public Future<Look> look(long start, Snapshot settled) {
    var snapshot = table().snapshot();
    return Future.succeededFuture(
        new Look(
            snapshot,
            table().nextXid,
            table().sequence,
            table().areOwnersCalled,
            1,
            page(start, Long.MAX_VALUE, snapshot, settled)));
  }

  @Override
  public Future<Rows> execute(OpenWindow window, Snapshot settled, long bound) {
    return Future.succeededFuture(page(window.position(), bound, window.snapshot(), settled));
  }

  private Rows page(long start, long bound, Snapshot snapshot, Snapshot settled) {
    table().scans.add("(" + start + "," + (bound == Long.MAX_VALUE ? "end" : bound) + "]");
    Predicate<Map.Entry<Long, Long>> isInWindow =
        row ->
            snapshot.sees(row.getValue())
                && !settled.sees(row.getValue())
                && (leftOut == null
                    || row.getValue() != leftOut.xid()
                    || row.getKey() > leftOut.last());
    var events =
        table().rows.subMap(start, false, bound, true).entrySet().stream()
            .filter(isInWindow)
            .limit(pageEvents)
            .map(row -> event(row.getKey()))
            .toList();
    long upTo = events.size() == pageEvents ? events.get(pageEvents - 1).seq() : bound;
    return new Rows(events, Map.of(), events.size(), upTo);
  }

  static OutboxEvent event(long seq) {
    return OutboxEvent.builder(seq, new UUID(0, seq))
        .aggregate("order", "7")
        .type("placed")
        .payload(null, "text/plain")
        .build();
  }

  @Override
  public WindowQuery without(PartialTransaction partial) {
    return new SimulatedOutbox(pageEvents, partial, this);
  }

  @Override
  public Future<Long> countOf(PartialTransaction partial, long floor) {
    return Future.succeededFuture(
        table().rows.subMap(floor, false, partial.last(), true).values().stream()
            .filter(xid -> xid == partial.xid())
            .count());
  }

  @Override
  public int maxWalk() {
    return 200;
  }

  @Override
  public boolean readsAll() {
    return true;
  }
}
