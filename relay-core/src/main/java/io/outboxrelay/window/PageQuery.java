package io.outboxrelay.window;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.Share;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collector;

/** Reads a bounded part of a window from the table. */
final class PageQuery {
  /**
   * The two visibility filters decide what belongs to the window; the start position only spares a
   * scan. Snapshots are parsed once per query, in the sub-selects, or a generic plan would parse
   * them once per row. The running total bounds a page in bytes before the payloads are fetched.
   */
  private static final String SQL =
      """
      select %1$s, total
      from (
        select *, sum(size) over (order by seq rows unbounded preceding) as total
        from (
          select *, coalesce(%3$s, 0) + 200 as size
          from %2$s
          where seq > $1 and seq <= $6 and (%4$s)
            and pg_visible_in_snapshot(xid, (select $2::text::pg_snapshot))
            and not pg_visible_in_snapshot(xid, (select $3::text::pg_snapshot))
          order by seq
          limit $4
        ) page
      ) sized
      where total - size < $5
      """;

  private final SqlConnection connection;
  private final EventColumns columns;
  private final String sql;
  private final int maxEvents;
  private final long maxBytes;
  private final int maxWalk;

  /** How many bytes came for each that the server had counted: compressed ones swell. */
  private double swelling = 1;

  /**
   * @param share whose events to read
   * @param maxWalk how many sequence numbers are looked at for a page, at most
   */
  PageQuery(
      SqlConnection connection,
      OutboxNames names,
      Share share,
      PayloadType payload,
      int maxEvents,
      long maxBytes,
      int maxWalk) {
    this.connection = connection;
    this.columns = new EventColumns(payload);
    this.sql =
        SQL.formatted(columns.select(), names.outbox(), payload.sizeOf("payload"), share.mine());
    this.maxEvents = maxEvents;
    this.maxBytes = maxBytes;
    this.maxWalk = maxWalk;
  }

  /**
   * The rows of a page as events.
   *
   * @param upTo all of the window up to this sequence number has been read
   */
  record Rows(List<OutboxEvent> events, Map<Long, String> defects, long bytes, long upTo) {
    /** Whether the window holds no more. */
    boolean isLast() {
      return upTo == Long.MAX_VALUE;
    }
  }

  Future<Rows> execute(OpenWindow window, Snapshot settled) {
    long most = Math.max(1, (long) (maxBytes / swelling));
    // Whatever is above the last number was not meant to be there, and is not left out either.
    long walkEnd = window.position() + maxWalk;
    long upTo = walkEnd < window.last() ? walkEnd : Long.MAX_VALUE;
    return connection
        .preparedQuery(sql)
        .collecting(Collector.of(Builder::new, Builder::add, Builder::append))
        .execute(
            Tuple.of(
                window.position(),
                window.snapshot().toString(),
                settled.toString(),
                maxEvents,
                most,
                upTo))
        .map(result -> result.value().build(most, upTo));
  }

  /** Collects rows as they come off the wire, so that no second list of them is ever held. */
  private final class Builder {
    private final List<OutboxEvent> events = new ArrayList<>();
    private final Map<Long, String> defects = new HashMap<>(0);
    private long bytes;
    private long total;

    void add(Row row) {
      var event = columns.event(row, defects::putIfAbsent);
      events.add(event);
      var payload = event.payload();
      bytes += 200 + (payload == null ? 0 : payload.length());
      total = row.getLong(columns.count());
    }

    Builder append(Builder later) {
      events.addAll(later.events);
      defects.putAll(later.defects);
      bytes += later.bytes;
      total = later.total;
      return this;
    }

    /** Forgotten by halves: a page of small events says little about the next one. */
    private void noteSwelling() {
      if (!events.isEmpty()) {
        double now = (double) bytes / total;
        swelling = Math.max(1, Math.max(now, swelling / 2));
      }
    }

    Rows build(long most, long upTo) {
      boolean full = events.size() >= maxEvents || total >= most;
      noteSwelling();
      return new Rows(events, defects, bytes, full ? events.get(events.size() - 1).seq() : upTo);
    }
  }
}
