package io.outboxrelay.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
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
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class DeadLetterWriterTest {
  private final Database database = new Database();
  private final List<Runnable> later = new ArrayList<>();
  private final DeadLetterWriter writer =
      new DeadLetterWriter(
          database.client(), new OutboxNames("public", "outbox"), new OwnerEpoch(0, 1), later::add);

  /** A database that answers each statement as the test decides. */
  private static final class Database {
    private final Queue<Statement> underWay = new ArrayDeque<>();
    int pauses;

    private record Statement(String content, Tuple values, Promise<Object> answer) {}

    SqlClient client() {
      return proxy(
          SqlClient.class,
          Map.of(
              "preparedQuery",
              sql -> insert((String) sql),
              "query",
              sql -> proxy(Query.class, Map.of("execute", none -> pause()))));
    }

    private Object pause() {
      pauses++;
      return Future.succeededFuture();
    }

    private Object insert(String sql) {
      String content =
          sql.contains("null, null, null, null")
              ? "numbers"
              : sql.contains("left(aggregate_type") ? "without payload" : "whole";
      return proxy(
          PreparedQuery.class,
          Map.of(
              "execute",
              values -> {
                Promise<Object> answer = Promise.promise();
                underWay.add(new Statement(content, (Tuple) values, answer));
                return answer.future();
              }));
    }

    /** Returns the pending statement, such as {@code whole [1, 2]}; empty if there is none. */
    String statement() {
      var first = underWay.peek();
      return first == null ? "" : first.content + " " + List.of((Long[]) first.values.getValue(0));
    }

    String reason() {
      return ((String[]) underWay.element().values.getValue(2))[0];
    }

    void stores() {
      underWay.remove().answer.complete(rows(0, 0));
    }

    /**
     * Answers that rows are missing; transactions from {@code oldest} on run, and {@code next} is
     * the next id.
     */
    void misses(long oldest, long next, Long... seqs) {
      underWay.remove().answer.complete(rows(oldest, next, seqs));
    }

    void isOfAnotherOwner() {
      underWay.remove().answer.complete(proxy(RowSet.class, Map.of("size", none -> 0)));
    }

    void refuses() {
      underWay.remove().answer.fail(new PgException("a constraint", "ERROR", "23514", null));
    }

    /** Refuses an event in every form. */
    void refusesAltogether() {
      refuses();
      refuses();
      refuses();
    }

    void fails() {
      underWay.remove().answer.fail(new PgException("shutting down", "FATAL", "57P01", null));
    }

    private static Object rows(long oldest, long next, Long... missing) {
      var row =
          proxy(
              Row.class,
              Map.of(
                  "getArrayOfLongs",
                  column -> missing,
                  "getLong",
                  column -> column.equals(1) ? oldest : next));
      var iterator = proxy(RowIterator.class, Map.of("next", none -> row));
      return proxy(RowSet.class, Map.of("size", none -> 1, "iterator", none -> iterator));
    }

    private static <T> T proxy(Class<T> type, Map<String, Function<Object, Object>> methods) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, called, arguments) -> {
                var answer = methods.get(called.getName());
                if (answer == null) {
                  throw new UnsupportedOperationException(called.toString());
                }
                return answer.apply(arguments == null ? "" : arguments[0]);
              }));
    }
  }

  private Future<Void> write(long seq, String aggregateId) {
    return write(seq, aggregateId, true);
  }

  private Future<Void> write(long seq, String aggregateId, boolean parks) {
    return writer.write(NewDeadLetter.rejected(seq, aggregateId, parks, "too large", "orders"));
  }

  private void runLater() {
    var due = List.copyOf(later);
    later.clear();
    due.forEach(Runnable::run);
  }

  @Test
  void anEventIsADeadLetterOnlyOnceItIsStored() {
    var written = write(1, "a");
    assertThat(written.isComplete()).isFalse();
    database.stores();
    assertThat(written.succeeded()).isTrue();
  }

  /** Two concurrent statements could store events of an aggregate in the wrong order. */
  @Test
  void eventsWaitForTheStatementUnderWayAndAreThenStoredTogether() {
    write(1, "a");
    var second = write(2, "a");
    var third = write(3, "b");
    assertThat(database.underWay).hasSize(1);
    assertThat(database.statement()).isEqualTo("whole [1]");

    database.stores();
    assertThat(database.statement()).isEqualTo("whole [2, 3]");
    database.stores();
    assertThat(second.succeeded()).isTrue();
    assertThat(third.succeeded()).isTrue();
  }

  @Test
  void aFailureOfTheServerIsReportedForEachEventOfTheStatement() {
    write(1, "a");
    var second = write(2, "a");
    var third = write(3, "b");
    database.stores();
    database.fails();

    assertThat(second.failed()).isTrue();
    assertThat(third.failed()).isTrue();
    assertThat(writer.isStuck("a")).isFalse();
    assertThat(later).isEmpty();
  }

  @Test
  void aFormerOwnerStoresNothing() {
    var written = write(1, "a");
    database.isOfAnotherOwner();
    assertThat(written.cause()).isInstanceOf(OwnerEpoch.NotCurrentException.class);
  }

  @Test
  void aRefusedStatementIsDividedAndItsFirstHalfIsStoredFirst() {
    write(1, "a");
    for (long seq = 2; seq <= 5; seq++) {
      write(seq, "a");
    }
    database.stores();
    assertThat(database.statement()).isEqualTo("whole [2, 3, 4, 5]");
    database.refuses();
    assertThat(database.statement()).isEqualTo("whole [2, 3]");
    assertThat(database.underWay).hasSize(1);
    database.stores();
    assertThat(database.statement()).isEqualTo("whole [4, 5]");
  }

  @Test
  void aRefusedEventIsStoredAsFarAsPossible() {
    var written = write(1, "a");
    database.refuses();
    assertThat(database.statement()).as("with the reason in ASCII").isEqualTo("whole [1]");
    database.refuses();
    assertThat(database.statement()).isEqualTo("without payload [1]");
    assertThat(database.reason()).contains("they are in the outbox, where seq is 1");
    assertThat(written.isComplete()).isFalse();
    database.stores();

    assertThat(written.succeeded()).isTrue();
    assertThat(writer.isStuck("a")).isFalse();
  }

  /** No later event can wait for an event without an aggregate. */
  @Test
  void aRefusedEventWithoutAnAggregateIsStoredAsANumber() {
    var written = write(1, "");
    database.refusesAltogether();
    assertThat(database.statement()).isEqualTo("numbers [1]");
    database.stores();
    assertThat(written.succeeded()).isTrue();
  }

  @Test
  void aServerThatFailsWhileARefusedEventIsReducedEndsTheAttempt() {
    var written = write(1, "a");
    database.refuses();
    database.fails();

    assertThat(written.failed()).isTrue();
    assertThat(writer.isStuck("a")).isFalse();
    assertThat(database.statement()).isEmpty();
  }

  /**
   * Otherwise a later event would be published, or stored, before the event that it must follow.
   */
  @Test
  void anEventThatCannotBeStoredHoldsUpItsAggregateAndNoOther() {
    var first = write(1, "a");
    database.refusesAltogether();
    assertThat(writer.isStuck("a")).isTrue();
    assertThat(writer.written("a").failed()).isTrue();

    var second = write(2, "a");
    assertThat(database.statement()).isEmpty();
    var other = write(3, "b");
    database.stores();

    assertThat(first.isComplete()).isFalse();
    assertThat(second.isComplete()).isFalse();
    assertThat(other.succeeded()).isTrue();
    assertThat(writer.written("b").succeeded()).isTrue();
  }

  @Test
  void aSkippedEventWaitsForNoOther() {
    write(1, "a");
    database.refusesAltogether();

    var skipped = write(2, "a", false);
    database.stores();
    assertThat(skipped.succeeded()).isTrue();
  }

  @Test
  void skippedEventsThatCannotBeStoredAreTriedAgainOneAfterTheOther() {
    write(1, "a", false);
    database.refusesAltogether();
    write(2, "b", false);
    database.refusesAltogether();

    assertThat(later).hasSize(1);
    runLater();
    database.stores();
    assertThat(database.statement()).isEqualTo("whole [2]");
  }

  @Test
  void anEventOfTheSameStatementWaitsBehindOneThatCannotBeStored() {
    write(1, "b");
    write(2, "a");
    var behind = write(3, "a");
    database.stores();
    database.refuses();
    assertThat(database.statement()).isEqualTo("whole [2]");
    database.refusesAltogether();

    assertThat(database.statement()).isEmpty();
    assertThat(behind.isComplete()).isFalse();
  }

  @Test
  void aHeldUpAggregateIsStoredInItsOrderAsSoonAsTheDatabaseAcceptsIt() {
    var first = write(1, "a");
    database.refusesAltogether();
    var second = write(2, "a");
    assertThat(later).as("one attempt is scheduled").hasSize(1);

    runLater();
    database.refusesAltogether();
    assertThat(writer.isStuck("a")).isTrue();
    runLater();
    assertThat(database.statement()).isEqualTo("whole [1]");
    database.stores();
    assertThat(first.succeeded()).isTrue();
    assertThat(database.statement()).isEqualTo("whole [2]");
    assertThat(second.isComplete()).isFalse();
    database.stores();

    assertThat(second.succeeded()).isTrue();
    assertThat(writer.isStuck("a")).isFalse();
    assertThat(later).isEmpty();
  }

  @Test
  void aFailureOfTheServerEndsTheWaitOfAHeldUpAggregate() {
    var first = write(1, "a");
    database.refusesAltogether();
    runLater();
    database.fails();
    assertThat(first.failed()).isTrue();
  }

  @Test
  void theEventsWrittenBeforeAreWaitedFor() {
    write(1, "a");
    write(2, "a");
    var written = writer.written("a");
    database.stores();
    assertThat(written.isComplete()).isFalse();
    database.stores();
    assertThat(written.succeeded()).isTrue();
  }

  /** The log can deliver a transaction before its rows are visible. */
  @Test
  void anEventThatIsNotVisibleYetIsWaitedFor() {
    var written = write(1, "a");
    database.misses(7, 9, 1L);
    assertThat(database.pauses).isEqualTo(1);
    assertThat(written.isComplete()).isFalse();
    assertThat(database.statement()).isEqualTo("whole [1]");
    database.misses(8, 12, 1L);
    assertThat(database.statement()).as("a transaction below 9 runs").isEqualTo("whole [1]");

    database.stores();
    assertThat(written.succeeded()).isTrue();
  }

  @Test
  void anEventThatWasDeletedIsLeftOutAndTheOthersAreStored() {
    write(1, "b");
    var deleted = write(2, "a");
    var other = write(3, "a");
    database.stores();
    database.misses(7, 9, 2L);
    database.misses(8, 12, 2L);
    database.misses(9, 14, 2L);
    assertThat(database.statement()).isEqualTo("whole [3]");
    assertThat(other.isComplete()).isFalse();
    database.stores();

    assertThat(other.succeeded()).isTrue();
    assertThat(deleted.succeeded()).as("a deleted row needs no dead letter").isTrue();
  }

  @Test
  void anEventThatStaysInvisibleFailsInTheEnd() {
    var written = write(1, "a");
    for (int i = 0; i < 250; i++) {
      assertThat(written.isComplete()).isFalse();
      database.misses(7, 9, 1L);
    }
    assertThat(written.cause()).hasMessageContaining("its row is not visible");
  }
}
