package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetterWriter;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.Query;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowIterator;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A table of dead letters in a simulated database, which answers when a test says so. */
final class SimulatedDeadLetters {
  private static final Long OLDEST_OPEN = 1L;
  private static final Long NEXT_TRANSACTION = 2L;

  private final ArrayDeque<Write> underWay = new ArrayDeque<>();
  private final Map<Long, Letter> buried = new LinkedHashMap<>();
  private final List<Long> order = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();

  /** A row of the table. */
  record Letter(String state, String reason, boolean asked) {}

  private record Write(Tuple values, Promise<Object> answer) {}

  DeadLetterWriter deadLetters() {
    return new DeadLetterWriter(
        database(), new OutboxNames("public", "outbox"), new OwnerEpoch(0, 1), later::add);
  }

  boolean isWriting() {
    return !underWay.isEmpty();
  }

  /** Returns the rows by sequence number. */
  Map<Long, Letter> stored() {
    return buried;
  }

  /** Returns the sequence numbers in the order in which the rows were stored. */
  List<Long> order() {
    return order;
  }

  /** Stores the rows of the oldest statement. */
  void answer() {
    var write = underWay.remove();
    var seqs = seqs(write);
    var states = (String[]) write.values.getValue(1);
    var reasons = (String[]) write.values.getValue(2);
    var progress = (String[]) write.values.getValue(5);
    for (int i = 0; i < seqs.length; i++) {
      order.add(seqs[i]);
      if (buried.put(seqs[i], new Letter(states[i], reasons[i], progress[i] != null)) != null) {
        throw new AssertionError("event " + seqs[i] + " was buried twice");
      }
    }
    write.answer.complete(rows(new Long[0]));
  }

  /** Answers that the last row of the oldest statement is not visible yet, and stores none. */
  void hide() {
    var write = underWay.remove();
    var seqs = seqs(write);
    write.answer.complete(rows(new Long[] {seqs[seqs.length - 1]}));
  }

  private static Long[] seqs(Write write) {
    return (Long[]) write.values.getValue(0);
  }

  /**
   * Returns the answer to an insert: the events that are not visible, and an open transaction that
   * may have written them.
   */
  private static Object rows(Long[] missing) {
    var row =
        proxy(
            Row.class,
            Map.of(
                "getArrayOfLongs", column -> missing,
                "getLong", column -> column.equals(1) ? OLDEST_OPEN : NEXT_TRANSACTION));
    var iterator = proxy(RowIterator.class, Map.of("next", none -> row));
    return proxy(RowSet.class, Map.of("size", none -> 1, "iterator", none -> iterator));
  }

  /** Drops the statements under way. */
  void crash() {
    underWay.clear();
  }

  void refuse() {
    underWay.remove().answer.fail("the database is gone");
  }

  private SqlClient database() {
    return proxy(
        SqlClient.class, Map.of("preparedQuery", sql -> insert(), "query", sql -> pause()));
  }

  private Object insert() {
    return proxy(
        PreparedQuery.class,
        Map.of(
            "execute",
            values -> {
              var write = new Write((Tuple) values, Promise.promise());
              underWay.add(write);
              return write.answer.future();
            }));
  }

  private static Object pause() {
    return proxy(Query.class, Map.of("execute", none -> Future.succeededFuture()));
  }

  private interface Call {
    Object on(Object argument);
  }

  private static <T> T proxy(Class<T> type, Map<String, Call> methods) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, called, arguments) -> {
              var call = methods.get(called.getName());
              if (call == null) {
                throw new UnsupportedOperationException(called.toString());
              }
              return call.on(arguments == null ? "" : arguments[0]);
            }));
  }
}
