package io.outboxrelay.window;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.TrustedRole;
import io.outboxrelay.outbox.UnreadableRow;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Reads bounded pages of a window from the table. A look opens a new window and reads its first
 * page in one statement.
 *
 * <p>A look takes no transaction id and writes nothing; it reads which id the server will assign
 * next, but does not take that id.
 */
final class PageQuery implements WindowQuery {
  /**
   * The part of a statement that selects the events of a window. The two visibility filters decide
   * which events belong to the window; the start position only shortens the scan. Each snapshot is
   * written as a sub-select, so that PostgreSQL parses it once per query. A generic plan would
   * otherwise parse it for every row.
   */
  private static final String OF_WINDOW =
      """
      from %1$s
      where seq > $1 and seq <= %3$s and (%2$s)
        and pg_visible_in_snapshot(xid, (select %4$s))
        and not pg_visible_in_snapshot(xid, (select $2::text::pg_snapshot))
      order by seq
      limit $3
      """;

  /**
   * The statement of a look. The first row of the result describes the look itself, see {@link
   * Head}; the rows of the events follow.
   */
  private static final String LOOK =
      """
      select %1$s, w, last, %2$s, %3$s
      from %4$s
      union all
      select page.*, null, null, null, null from (%5$s) page
      """;

  /**
   * An SQL expression for the highest sequence number that the first page scans. It is infinity if
   * the scan reaches the sequence's last value. No event should exist above that value; if there is
   * one, it is read nevertheless.
   */
  private static final String WALK_END =
      "(select case when $1 + $5::bigint < last_value then $1 + $5::bigint"
          + " else 9223372036854775807 end from %s)";

  /**
   * A statement that fetches a payload only if the event fits into its share of the page, which is
   * the page's bytes divided by its events. The page is therefore never too large.
   */
  private static final String OF_SMALL = "select %1$s, %2$s\n%3$s";

  /**
   * A statement for pages with large events: it ends the page by a running total of the sizes,
   * before the payloads are fetched. Computing the total costs some time per event.
   */
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
      where total - size < $4
      """;

  private static final String LAST = "select last_value from %s";

  private final SqlConnection connection;
  private final OutboxNames names;
  private final String condition;
  private final EventColumns columns;
  private final Statements whole;
  private final IsolatedRow isolated;
  private final PageSize most;
  private final boolean readsAll;

  /**
   * The bytes received divided by the bytes that the server had estimated, at least 1. It is above
   * 1 if payloads are stored compressed.
   */
  private double swelling = 1;

  /** True if the previous page contained, or ended at, an event larger than its share of a page. */
  private boolean large;

  /**
   * The bounds of one page. The page ends at the bound that is reached first.
   *
   * @param events the number of events
   * @param bytes the bytes of payloads and other texts, by the server's estimate
   * @param walk the number of sequence numbers that the page scans
   */
  record PageSize(int events, long bytes, int walk) {}

  /**
   * @param share the shard from which to read
   */
  PageQuery(
      SqlConnection connection,
      OutboxNames names,
      ShardKey share,
      PayloadType payload,
      PageSize most) {
    this(
        connection,
        names,
        share,
        EventColumns.of(connection, names.columns(), payload, EventColumns.DEFAULT_MOST_BYTES),
        most);
  }

  /**
   * @param share the shard from which to read
   */
  PageQuery(
      SqlConnection connection,
      OutboxNames names,
      ShardKey share,
      EventColumns columns,
      PageSize most) {
    this(connection, names, share.mine(), columns, most);
  }

  private PageQuery(
      SqlConnection connection,
      OutboxNames names,
      String condition,
      EventColumns columns,
      PageSize most) {
    this.names = names;
    this.condition = condition;
    this.connection = connection;
    this.columns = columns;
    this.whole = new Statements(columns);
    this.isolated = new IsolatedRow(whole);
    this.most = most;
    this.readsAll = condition.equals(ShardKey.all().mine());
  }

  /**
   * The four statements that read one set of columns: a page or a look, each for small events and
   * for large events.
   */
  private final class Statements {
    private final EventColumns read;
    private final String ofSmall;
    private final String ofAny;
    private final String lookAtSmall;
    private final String lookAtAny;

    Statements(EventColumns read) {
      this.read = read;
      String size = read.size();
      String window = OF_WINDOW.formatted(names.events(), condition, "$5", "$6::text::pg_snapshot");
      String first =
          OF_WINDOW.formatted(
              names.events(),
              condition,
              WALK_END.formatted(names.sequence()),
              "pg_current_snapshot()");
      String small = read.selectWhere(size + " <= $4::bigint");
      this.ofSmall = OF_SMALL.formatted(small, size, window);
      this.ofAny = OF_ANY.formatted(read.select(), size, window);
      this.lookAtSmall = PageQuery.this.look(names, OF_SMALL.formatted(small, size, first));
      this.lookAtAny = PageQuery.this.look(names, OF_ANY.formatted(read.select(), size, first));
    }

    String page() {
      return large ? ofAny : ofSmall;
    }

    String look() {
      return large ? lookAtAny : lookAtSmall;
    }
  }

  /**
   * Isolates a row that PostgreSQL cannot return completely, for example because a value is
   * damaged. If a page cannot be read, this class lets the query read one row at a time. A row that
   * fails is read again with fewer columns.
   */
  private final class IsolatedRow {
    private Statements statements;
    private int left;
    private @Nullable Throwable failure;

    IsolatedRow(Statements statements) {
      this.statements = statements;
    }

    int events() {
      return left > 0 ? 1 : most.events;
    }

    Statements statements() {
      return statements;
    }

    /**
     * Completes with the result of the query. If the query fails and an unreadable row can be the
     * cause, calls {@code query} again. The second call reads only one row, and further calls read
     * fewer columns of that row.
     */
    <T> Future<T> isolating(Supplier<Future<T>> query) {
      return query
          .get()
          .recover(
              cause ->
                  UnreadableRow.canBeCauseOf(cause) && narrowed(cause)
                      ? isolating(query)
                      : Future.failedFuture(cause));
    }

    private boolean narrowed(Throwable cause) {
      if (left == 0) {
        left = most.events;
        return true;
      }
      if (statements == whole) {
        failure = cause;
        statements = new Statements(columns.withoutContent());
        return true;
      }
      boolean last = statements.read.isNumberOnly();
      statements = new Statements(columns.numberOnly());
      return !last;
    }

    /**
     * Returns the reason why the row was read with fewer columns; null if all columns were read.
     */
    @Nullable String reason() {
      return statements == whole ? null : UnreadableRow.reason(failure);
    }

    /**
     * Records a successful read. The next query reads all columns. It also reads a whole page again
     * if the unreadable row was just read with fewer columns, or if as many single rows as a page
     * holds were read without a failure.
     */
    void read() {
      left = statements == whole ? Math.max(0, left - 1) : 0;
      statements = whole;
    }
  }

  /**
   * Returns a query with a statement of its own, which contains the transaction id and the sequence
   * number as literals. The usual statement therefore needs no additional condition.
   */
  @Override
  public PageQuery without(PartialTransaction partial) {
    String rest =
        "(%s) and not (xid = '%d'::xid8 and seq <= %d)"
            .formatted(condition, partial.xid(), partial.last());
    return new PageQuery(connection, names, rest, columns, most);
  }

  @Override
  public Future<Long> last() {
    return connection
        .preparedQuery(LAST.formatted(names.sequence()))
        .execute()
        .map(rows -> rows.iterator().next().getLong(0));
  }

  @Override
  public String sequence() {
    return names.sequence();
  }

  @Override
  public Future<Long> countOf(PartialTransaction partial, long floor) {
    return connection
        .query(
            "select count(*) from %s where seq > %d and seq <= %d and xid = '%d'::xid8 and (%s)"
                .formatted(names.events(), floor, partial.last(), partial.xid(), condition))
        .execute()
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /**
   * Returns the statement of a look. Each row has the columns of an event, followed by those of the
   * {@link Head}. In the first row, the columns of the event are null; in all other rows, the
   * columns of the head are null.
   */
  private String look(OutboxNames names, String page) {
    String nulls = String.join(", ", Collections.nCopies(columns.count() + 1, "null"));
    return LOOK.formatted(
        nulls, SnapshotHead.AGE, TrustedRole.calls(names), SnapshotHead.from(names), page);
  }

  @Override
  public Future<Look> look(long start, Snapshot settled) {
    return isolated.isolating(() -> lookOnce(start, settled));
  }

  private Future<Look> lookOnce(long start, Snapshot settled) {
    var bounds = bounds();
    long asked = System.nanoTime();
    return connection
        .preparedQuery(lookSql())
        .collecting(collector(bounds))
        .execute(
            Tuple.of(start, settled.toString(), bounds.events, bounds.perQuery(), (long) most.walk))
        .map(result -> looked(result.value(), start, asked));
  }

  @Override
  public int maxWalk() {
    return most.walk;
  }

  @Override
  public boolean readsAll() {
    return readsAll;
  }

  /** Returns the statement of the next look. */
  String lookSql() {
    return isolated.statements().look();
  }

  private Look looked(Builder page, long start, long asked) {
    var head = page.head();
    large = page.sawLarge;
    var rows = page.isRefused() ? null : page.build(walkEnd(start, head.last));
    return new Look(head.snapshot, head.fence, head.last, head.called, head.at - asked, rows);
  }

  @Override
  public Future<Rows> execute(OpenWindow window, Snapshot settled, long bound) {
    return isolated.isolating(() -> executeOnce(window, settled, bound));
  }

  private Future<Rows> executeOnce(OpenWindow window, Snapshot settled, long bound) {
    var bounds = bounds();
    long upTo = Math.min(bound, walkEnd(window.position(), window.last()));
    return connection
        .preparedQuery(isolated.statements().page())
        .collecting(collector(bounds))
        .execute(
            Tuple.of(
                window.position(),
                settled.toString(),
                bounds.events,
                bounds.perQuery(),
                upTo,
                window.snapshot().toString()))
        .compose(result -> taken(result.value(), upTo, window, settled, bound));
  }

  private Future<Rows> taken(
      Builder page, long upTo, OpenWindow window, Snapshot settled, long bound) {
    large = page.sawLarge;
    return page.isRefused()
        ? executeOnce(window, settled, bound)
        : Future.succeededFuture(page.build(upTo));
  }

  /**
   * Returns the last sequence number that a page scans; {@code Long.MAX_VALUE} for the last page of
   * a window. No row should exist above the sequence's last value {@code last}. If there is one,
   * the last page includes it.
   */
  private long walkEnd(long position, long last) {
    long end = position + most.walk;
    return end < last ? end : Long.MAX_VALUE;
  }

  private Bounds bounds() {
    long bytes = Math.max(1, (long) (most.bytes / swelling));
    long part = bytes / most.events;
    return new Bounds(isolated.events(), part, large ? Long.MAX_VALUE : part, bytes);
  }

  private Collector<Row, Builder, Builder> collector(Bounds bounds) {
    return Collector.of(() -> new Builder(bounds), Builder::add, Builder::append);
  }

  /**
   * The bounds of a page.
   *
   * @param events the most events that the page may have
   * @param part the share of one event: the bytes of the page divided by its events
   * @param withheld the size in bytes above which an event's payload is not fetched
   * @param most the most bytes that the page may have
   */
  private record Bounds(int events, long part, long withheld, long most) {
    /**
     * Returns the byte bound to pass to the query: per event for {@link #OF_SMALL}, per page for
     * {@link #OF_ANY}.
     */
    long perQuery() {
      return withheld == Long.MAX_VALUE ? most : part;
    }
  }

  /**
   * The first row of a look's answer, which describes the look itself.
   *
   * @param at when the row arrived, by {@link System#nanoTime}
   */
  private record Head(Snapshot snapshot, long fence, long last, boolean called, long at) {}

  /** Converts rows to events while they arrive, so that the page is never held in memory twice. */
  private final class Builder {
    private final Bounds bounds;
    private final @Nullable String reason = isolated.reason();
    private final List<OutboxEvent> events = new ArrayList<>();
    private final Map<Long, String> defects = new HashMap<>(0);
    private long bytes;
    private long total;
    private boolean sawLarge;
    private boolean ended;
    private @Nullable Head head;

    Builder(Bounds bounds) {
      this.bounds = bounds;
    }

    /**
     * Adds the row. If the payload of its event was not fetched because of its size, ends the page
     * before this event.
     */
    void add(Row row) {
      if (row.size() > columns.count() + 1 && row.getValue(columns.count() + 1) != null) {
        head = headOf(row, columns.count() + 1);
        return;
      }
      long size = row.getLong(columns.count());
      sawLarge |= size > bounds.part;
      ended |= size > bounds.withheld;
      if (!ended) {
        var event = columns.event(row, this::noteDefect);
        events.add(event);
        if (reason != null) {
          defects.put(event.seq(), reason);
        }
        var payload = event.payload();
        bytes += 200 + (payload == null ? 0 : payload.length()) + columns.textBytes(row);
        total += size;
      }
    }

    private void noteDefect(long seq, String defect) {
      if (reason == null) {
        defects.putIfAbsent(seq, defect);
      }
    }

    private Head headOf(Row row, int first) {
      var snapshot = Snapshot.parse(row.getString(first));
      return new Head(
          snapshot,
          TransactionIds.next(snapshot.xmax(), row.getInteger(first + 2)),
          row.getLong(first + 1),
          row.getBoolean(first + 3),
          System.nanoTime());
    }

    Head head() {
      return Objects.requireNonNull(head, "a look was answered without its head");
    }

    Builder append(Builder later) {
      head = head == null ? later.head : head;
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

    /** Returns true if the page is empty because the payload of its first event was not fetched. */
    boolean isRefused() {
      return ended && events.isEmpty();
    }

    /**
     * Updates {@link #swelling} from this page. One page lowers the factor at most by half, because
     * the payloads of the next page may be compressed more.
     */
    private void noteSwelling() {
      if (!events.isEmpty()) {
        double now = (double) bytes / total;
        swelling = Math.max(1, Math.max(now, swelling / 2));
      }
    }

    Rows build(long walkEnd) {
      boolean full = ended || events.size() >= bounds.events || total >= bounds.most;
      noteSwelling();
      isolated.read();
      long upTo = full ? events.get(events.size() - 1).seq() : walkEnd;
      return new Rows(events, defects, bytes, upTo);
    }
  }
}
