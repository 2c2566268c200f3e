package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetterWriter;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.vertx.core.Promise;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Dead letters over a database that answers when a test says so. */
final class SimulatedDeadLetters {
  private final ArrayDeque<Write> underWay = new ArrayDeque<>();
  private final Map<Long, Letter> buried = new LinkedHashMap<>();
  private final List<Long> order = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();

  /** The rows of the table. */
  record Letter(String state, String reason, boolean asked) {}

  private record Write(Tuple values, Promise<Object> answer) {}

  DeadLetterWriter deadLetters() {
    return new DeadLetterWriter(
        database(), new OutboxNames("public", "outbox"), new OwnerEpoch(0, 1), later::add);
  }

  boolean isWriting() {
    return !underWay.isEmpty();
  }

  /** The letters by sequence number. */
  Map<Long, Letter> stored() {
    return buried;
  }

  /** The sequence numbers in the order of burial. */
  List<Long> order() {
    return order;
  }

  void answer() {
    var write = underWay.remove();
    var seqs = (Long[]) write.values.getValue(0);
    var states = (String[]) write.values.getValue(1);
    var reasons = (String[]) write.values.getValue(2);
    var progress = (String[]) write.values.getValue(5);
    for (int i = 0; i < seqs.length; i++) {
      order.add(seqs[i]);
      if (buried.put(seqs[i], new Letter(states[i], reasons[i], progress[i] != null)) != null) {
        throw new AssertionError("event " + seqs[i] + " was buried twice");
      }
    }
    write.answer.complete(proxy(RowSet.class, "size", none -> 1));
  }

  /** Statements under way are dropped. */
  void crash() {
    underWay.clear();
  }

  void refuse() {
    underWay.remove().answer.fail("the database is gone");
  }

  private SqlClient database() {
    return proxy(SqlClient.class, "preparedQuery", sql -> query());
  }

  private Object query() {
    return proxy(
        io.vertx.sqlclient.PreparedQuery.class,
        "execute",
        values -> {
          var write = new Write((Tuple) values, Promise.promise());
          underWay.add(write);
          return write.answer.future();
        });
  }

  private interface Call {
    Object on(Object argument);
  }

  private static <T> T proxy(Class<T> type, String method, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                return call.on(arguments == null ? "" : arguments[0]);
              }
              throw new UnsupportedOperationException(called.toString());
            }));
  }
}
