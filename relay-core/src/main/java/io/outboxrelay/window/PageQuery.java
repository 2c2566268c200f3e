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
   * them once per row.
   */
  private static final String OF_WINDOW =
      """
      from %1$s
      where seq > $1 and seq <= $6 and (%2$s)
        and pg_visible_in_snapshot(xid, (select $2::text::pg_snapshot))
        and not pg_visible_in_snapshot(xid, (select $3::text::pg_snapshot))
      order by seq
      limit $4
      """;

  /** No payload comes that is larger than its part of a page, so the page is not either. */
  private static final String OF_SMALL = "select %1$s, %2$s\n%3$s";

  /** A running total bounds the page before the payloads are fetched, at a cost for each event. */
  private static final String OF_ANY =
      """
      select %1$s, size
      from (
        select *, sum(size) over (order by seq rows unbounded preceding) as total
        from (
          select *, %2$s as size
          %3$s
        ) page
      ) sized
      where total - size < $5
      """;

  private final SqlConnection connection;
  private final EventColumns columns;
  private final String ofSmall;
  private final String ofAny;
  private final int maxEvents;
  private final long maxBytes;
  private final int maxWalk;

  /** How many bytes came for each that the server had counted: compressed ones swell. */
  private double swelling = 1;

  /** Whether the page before had, or ended at, an event that is larger than its part of a page. */
  private boolean large;

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
    String size = "(coalesce(" + payload.sizeOf("payload") + ", 0) + 200)";
    String window = OF_WINDOW.formatted(names.outbox(), share.mine());
    this.ofSmall = OF_SMALL.formatted(columns.selectWhere(size + " <= $5::bigint"), size, window);
    this.ofAny = OF_ANY.formatted(columns.select(), size, window);
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
    long part = most / maxEvents;
    // Whatever is above the last number was not meant to be there, and is not left out either.
    long walkEnd = window.position() + maxWalk;
    long upTo = walkEnd < window.last() ? walkEnd : Long.MAX_VALUE;
    var bounds = new Bounds(part, large ? Long.MAX_VALUE : part, most, upTo);
    return connection
        .preparedQuery(large ? ofAny : ofSmall)
        .collecting(Collector.of(() -> new Builder(bounds), Builder::add, Builder::append))
        .execute(
            Tuple.of(
                window.position(),
                window.snapshot().toString(),
                settled.toString(),
                maxEvents,
                large ? most : part,
                upTo))
        .compose(result -> taken(result.value(), window, settled));
  }

  private Future<Rows> taken(Builder page, OpenWindow window, Snapshot settled) {
    large = page.sawLarge;
    return page.isRefused() ? execute(window, settled) : Future.succeededFuture(page.build());
  }

  /**
   * What a page may hold.
   *
   * @param part an event's part of a page in bytes
   * @param withheld an event larger than that came without its payload
   * @param most bytes of the page
   * @param upTo sequence number up to which the window is looked at
   */
  private record Bounds(long part, long withheld, long most, long upTo) {}

  /** Collects rows as they come off the wire, so that no second list of them is ever held. */
  private final class Builder {
    private final Bounds bounds;
    private final List<OutboxEvent> events = new ArrayList<>();
    private final Map<Long, String> defects = new HashMap<>(0);
    private long bytes;
    private long total;
    private boolean sawLarge;
    private boolean ended;

    Builder(Bounds bounds) {
      this.bounds = bounds;
    }

    /** The page ends before the first event that came without its payload. */
    void add(Row row) {
      long size = row.getLong(columns.count());
      sawLarge |= size > bounds.part;
      ended |= size > bounds.withheld;
      if (!ended) {
        var event = columns.event(row, defects::putIfAbsent);
        events.add(event);
        var payload = event.payload();
        bytes += 200 + (payload == null ? 0 : payload.length());
        total += size;
      }
    }

    Builder append(Builder later) {
      if (!ended) {
        events.addAll(later.events);
        defects.putAll(later.defects);
        bytes += later.bytes;
        total += later.total;
        sawLarge |= later.sawLarge;
        ended = later.ended;
      }
      return this;
    }

    /** Whether the first event of the window is one that needs the other query. */
    boolean isRefused() {
      return ended && events.isEmpty();
    }

    /** Forgotten by halves: a page of small events says little about the next one. */
    private void noteSwelling() {
      if (!events.isEmpty()) {
        double now = (double) bytes / total;
        swelling = Math.max(1, Math.max(now, swelling / 2));
      }
    }

    Rows build() {
      boolean full = ended || events.size() >= maxEvents || total >= bounds.most;
      noteSwelling();
      long upTo = full ? events.get(events.size() - 1).seq() : bounds.upTo;
      return new Rows(events, defects, bytes, upTo);
    }
  }
}
