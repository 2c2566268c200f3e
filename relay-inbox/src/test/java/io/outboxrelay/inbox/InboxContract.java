package io.outboxrelay.inbox;

import static io.outboxrelay.inbox.InboxOutcome.FIRST;
import static io.outboxrelay.inbox.InboxOutcome.LATE;
import static io.outboxrelay.inbox.InboxOutcome.REPEATED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract of both inboxes, tested against a real PostgreSQL. */
abstract class InboxContract {
  private static final String EFFECT =
      """
      create table effect (
        n       bigint generated always as identity,
        message text not null check (message <> 'poison'),
        xid     xid8 not null default pg_current_xact_id())
      """;

  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final List<AnyInbox> open = new ArrayList<>();
  private final AnyInbox.Maker maker;
  private final AnyInbox inbox;

  InboxContract(AnyInbox.Maker maker) {
    this.maker = maker;
    this.inbox = kept(maker.make(database, InboxTable.named("inbox"), "payroll"));
  }

  private AnyInbox kept(AnyInbox made) {
    open.add(made);
    return made;
  }

  @BeforeEach
  void createTables() throws Exception {
    inbox.install();
    database.execute(EFFECT);
  }

  @AfterEach
  void dropDatabase() {
    open.forEach(AnyInbox::close);
    database.close();
  }

  @Test
  void aRepeatHasNoEffect() throws Exception {
    var hired = event("hired");

    assertThat(inbox.handle(hired, InboxContract::noted).outcome()).isEqualTo(FIRST);
    assertThat(inbox.handle(hired, InboxContract::noted).outcome()).isEqualTo(REPEATED);
    assertThat(effects()).containsExactly("hired");
  }

  @Test
  void aConsumerThatCrashedBeforeItAcknowledgedFindsTheNote() throws Exception {
    var hired = event("hired");
    inbox.handle(hired, InboxContract::noted);
    inbox.close();

    var restarted = kept(inbox.another("payroll"));
    assertThat(restarted.handle(hired, InboxContract::noted).outcome()).isEqualTo(REPEATED);
    assertThat(effects()).containsExactly("hired");
  }

  @Test
  void eachConsumerHandlesEveryEventForItself() throws Exception {
    var hired = event("hired");
    inbox.handle(hired, InboxContract::noted);

    var other = kept(inbox.another("badges"));
    assertThat(other.handle(hired, InboxContract::noted).outcome()).isEqualTo(FIRST);
    assertThat(effects()).containsExactly("hired", "hired");
  }

  @Test
  void aFailedEffectLeavesNeitherEffectNorNote() throws Exception {
    var hired = event("hired");

    assertThatThrownBy(() -> inbox.handle(hired, arrival -> noted(arrival) + "; select 1 / 0"))
        .hasMessageContaining("division by zero");
    assertThat(effects()).isEmpty();
    assertThat(inbox.handle(hired, InboxContract::noted).outcome()).isEqualTo(FIRST);
  }

  /** Code in Kotlin, Groovy or Scala, or with Lombok, can throw checked exceptions undeclared. */
  @Test
  void whateverAnEffectThrowsItLeavesNeitherEffectNorNote() throws Exception {
    for (var thrown :
        List.of(
            new IOException("checked"),
            new InterruptedException("checked"),
            new StackOverflowError("an error"),
            new Throwable("neither"))) {
      var hired = event("hired");

      assertThatThrownBy(
              () ->
                  inbox.handle(
                      hired,
                      arrival -> {
                        throw InboxContract.<RuntimeException>undeclared(thrown);
                      }))
          .isSameAs(thrown);
      assertThat(inbox.handle(hired, InboxContract::noted).outcome())
          .as("%s", thrown)
          .isEqualTo(FIRST);
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> T undeclared(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Test
  void anEffectThatThrowsLeavesNeitherEffectNorNote() throws Exception {
    var hired = event("hired");

    assertThatThrownBy(
            () ->
                inbox.handle(
                    hired,
                    arrival -> {
                      throw new IllegalStateException("no such department");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no such department");
    assertThat(inbox.handle(hired, InboxContract::noted).outcome()).isEqualTo(FIRST);
  }

  @Test
  void inATransactionOfTheCallersTheNoteIsTheCallers() throws Exception {
    var hired = event("hired");

    assertThat(inbox.noteAndRollBack(hired).outcome()).isEqualTo(FIRST);
    assertThat(inbox.handle(hired, InboxContract::noted).outcome()).isEqualTo(FIRST);
    assertThat(inbox.noteAndRollBack(hired).outcome()).isEqualTo(REPEATED);
  }

  @Nested
  class OnTwoConsumersAtOnce {
    private final InboxMessage<String> hired = event("hired");
    private final AnyInbox second = kept(inbox.another("payroll"));

    @Test
    void oneHandlesItAndTheOtherWaitsAndSeesARepeat() throws Exception {
      var both = new ArrayList<CompletableFuture<InboxResult<String>>>();
      try (var locked = database.connect()) {
        locked.setAutoCommit(false);
        locked.createStatement().execute("lock table effect");
        for (var one : List.of(inbox, second)) {
          both.add(async(() -> one.handle(hired, InboxContract::noted)));
        }
        awaitWaiting(2);
        locked.commit();
      }
      assertThat(both)
          .extracting(arrival -> arrival.join().outcome())
          .containsExactlyInAnyOrder(FIRST, REPEATED);
      assertThat(effects()).containsExactly("hired");
    }

    @Test
    void whereTheFirstIsCutOffTheOtherHandlesIt() throws Exception {
      CompletableFuture<InboxResult<String>> cutOff;
      CompletableFuture<InboxResult<String>> other;
      try (var locked = database.connect()) {
        locked.setAutoCommit(false);
        locked.createStatement().execute("lock table effect");
        cutOff = async(() -> inbox.handle(hired, InboxContract::noted));
        awaitWaiting(1);
        other = async(() -> second.handle(hired, InboxContract::noted));
        awaitWaiting(2);
        database.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
                + " where wait_event_type = 'Lock' and query like 'insert into effect%'");
        assertThatThrownBy(cutOff::join).isInstanceOf(CompletionException.class);
        locked.commit();
      }
      assertThat(other.join().outcome()).isEqualTo(FIRST);
      assertThat(effects()).containsExactly("hired");
    }

    /**
     * The batches hold equal events in different orders, so each needs locks that another holds.
     */
    @Test
    void batchesThatOverlapEndInNoDeadlock() throws Exception {
      var events =
          IntStream.range(0, 120).mapToObj(n -> event("event " + n, "order-" + n % 7, n)).toList();
      var consumers = List.of(inbox, second, kept(inbox.another("payroll")));
      var all = new ArrayList<CompletableFuture<?>>();
      for (int i = 0; i < consumers.size(); i++) {
        var random = new Random(i);
        var consumer = consumers.get(i);
        all.add(
            async(
                () -> {
                  for (int round = 0; round < 40; round++) {
                    var some = new ArrayList<>(events);
                    Collections.shuffle(some, random);
                    consumer.handleAll(some.subList(0, 30), InboxContract::allNoted);
                  }
                  return consumer.handleAll(events, InboxContract::allNoted);
                }));
      }
      all.forEach(CompletableFuture::join);
      assertThat(effects())
          .containsExactlyInAnyOrderElementsOf(events.stream().map(InboxMessage::message).toList());
    }

    private void awaitWaiting(int sessions) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  numbers(
                          "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                              + " and application_name = 'payroll'")
                      .equals(List.of((long) sessions)));
    }
  }

  @Nested
  class Batches {
    @Test
    void areOneTransactionInTheirOrder() throws Exception {
      var hired = event("hired");
      var moved = event("moved");
      var left = event("left");

      inbox.handle(moved, InboxContract::noted);
      var arrivals = inbox.handleAll(List.of(hired, moved, hired, left), InboxContract::allNoted);

      assertThat(arrivals)
          .extracting(InboxResult::outcome)
          .containsExactly(FIRST, REPEATED, REPEATED, FIRST);
      assertThat(arrivals)
          .extracting(InboxResult::message)
          .containsExactly("hired", "moved", "hired", "left");
      assertThat(effects()).containsExactly("moved", "hired", "left");
      assertThat(numbers("select distinct xid::text::bigint from effect")).hasSize(2);
      assertThat(
              numbers(
                  "select count(*) from inbox where xmin::text::bigint in (select xid::text::bigint from effect)"))
          .as("notes in the transactions of their effects")
          .containsExactly(3L);
    }

    @Test
    void ofRepeatsHaveNoEffect() throws Exception {
      var both = List.of(event("hired"), event("moved"));
      inbox.handleAll(both, InboxContract::allNoted);

      assertThat(inbox.handleAll(both, arrivals -> "select 1 / 0"))
          .extracting(InboxResult::outcome)
          .containsOnly(REPEATED);
    }

    @Test
    void mayBeEmpty() throws Exception {
      assertThat(inbox.handleAll(List.of(), arrivals -> "select 1 / 0")).isEmpty();
    }

    @Test
    void withAPoisonousEventLeaveNothingAndTheRestCanBeHandledWithoutIt() throws Exception {
      var hired = event("hired");
      var poison = event("poison");
      var left = event("left");

      assertThatThrownBy(
              () -> inbox.handleAll(List.of(hired, poison, left), InboxContract::allNoted))
          .hasMessageContaining("effect_message_check");
      assertThat(effects()).isEmpty();
      assertThat(inbox.handleAll(List.of(hired, left), InboxContract::allNoted))
          .extracting(InboxResult::outcome)
          .containsOnly(FIRST);
      assertThatThrownBy(() -> inbox.handle(poison, InboxContract::noted))
          .hasMessageContaining("effect_message_check");
    }
  }

  @Nested
  class AnOvertakenEvent {
    @Test
    void isHandledAndReported() throws Exception {
      assertThat(outcomes(List.of(event("a", "order-1", 5), event("b", "order-1", 9))))
          .containsOnly(FIRST);
      assertThat(outcomes(event("c", "order-1", 7))).containsExactly(LATE);
      assertThat(outcomes(event("d", "order-1", 10))).containsExactly(FIRST);
      assertThat(effects()).containsExactly("a", "b", "c", "d");
    }

    @Test
    void isReportedWithinABatch() throws Exception {
      assertThat(
              outcomes(
                  List.of(
                      event("a", "order-1", 5),
                      event("b", "order-1", 4),
                      event("c", "order-1", 6))))
          .containsExactly(FIRST, LATE, FIRST);
      assertThat(
              outcomes(
                  List.of(
                      event("d", "order-1", 3),
                      event("e", "order-1", 8),
                      event("f", "order-1", 7))))
          .containsExactly(LATE, FIRST, LATE);
    }

    @Test
    void isOneOfItsOwnAggregateAndConsumer() throws Exception {
      outcomes(event("a", "order-1", 9));
      var sameIdOfAnotherType =
          new InboxMessage<>(
              "c", UUID.randomUUID(), new AggregatePosition("invoice", "order-1", 2));

      assertThat(outcomes(event("b", "order-2", 1))).containsExactly(FIRST);
      assertThat(outcomes(sameIdOfAnotherType)).containsExactly(FIRST);
      var other = kept(inbox.another("badges"));
      assertThat(other.handle(event("d", "order-1", 1), InboxContract::noted).outcome())
          .isEqualTo(FIRST);
    }

    @Test
    void isNoRepeatAndNoneThatFailed() throws Exception {
      var first = event("a", "order-1", 1);
      outcomes(first);
      assertThatThrownBy(() -> inbox.handle(event("poison", "order-1", 9), InboxContract::noted))
          .hasMessageContaining("effect_message_check");

      assertThat(outcomes(event("b", "order-1", 2))).containsExactly(FIRST);
      assertThat(outcomes(first)).containsExactly(REPEATED);
    }

    private List<InboxOutcome> outcomes(InboxMessage<String> event) throws Exception {
      return outcomes(List.of(event));
    }

    private List<InboxOutcome> outcomes(List<InboxMessage<String>> events) throws Exception {
      return inbox.handleAll(events, InboxContract::allNoted).stream()
          .map(InboxResult::outcome)
          .toList();
    }
  }

  @Nested
  class CleanUp {
    @Test
    void forgetsWhatIsOldOfItsOwnConsumerInBoundedTransactions() throws Exception {
      note("payroll", 12_000, "9 days");
      note("badges", 10, "9 days");
      var young = event("young");
      inbox.handle(young, InboxContract::noted);
      database.execute(
          "create table deletion (rows bigint);"
              + "create function count_deleted() returns trigger language plpgsql as"
              + " 'begin insert into deletion select count(*) from gone; return null; end';"
              + "create trigger counts after delete on inbox referencing old table as gone"
              + " for each statement execute function count_deleted()");

      assertThat(inbox.forgetOlderThan(Duration.ofDays(8))).isEqualTo(12_000);
      assertThat(numbers("select rows from deletion")).containsExactly(5_000L, 5_000L, 2_000L);
      assertThat(numbers("select count(*) from inbox")).containsExactly(11L);
      assertThat(inbox.handle(young, InboxContract::noted).outcome()).isEqualTo(REPEATED);
      assertThat(inbox.forgetOlderThan(Duration.ofDays(8))).isZero();
    }

    @Test
    void refusesToForgetEverything() {
      assertThatThrownBy(() -> inbox.forgetOlderThan(Duration.ZERO))
          .hasMessageContaining("would be all rows");
    }

    private void note(String consumer, int count, String age) throws SQLException {
      database.execute(
          """
          insert into inbox (consumer, event_id, handled_at)
          select '%s', gen_random_uuid(), now() - interval '%s' from generate_series(1, %d)
          """
              .formatted(consumer, age, count));
    }
  }

  @Nested
  class Tables {
    @Test
    void areCreatedOnceByManyAtOnce() throws Exception {
      database.execute("drop table inbox, inbox_aggregate");
      var all = new ArrayList<CompletableFuture<?>>();
      for (int i = 0; i < 4; i++) {
        var one = kept(inbox.another("payroll"));
        all.add(
            async(
                () -> {
                  one.install();
                  return true;
                }));
      }
      all.forEach(CompletableFuture::join);
      assertThat(inbox.handle(event("hired"), InboxContract::noted).outcome()).isEqualTo(FIRST);
    }

    @Test
    void mayHaveAnyName() throws Exception {
      database.execute("create schema \"Our Messages\"");
      var named =
          kept(maker.make(database, InboxTable.named("Our Messages.\"in\" box"), "payroll"));
      named.install();
      var hired = event("hired");

      assertThat(named.handle(hired, InboxContract::noted).outcome()).isEqualTo(FIRST);
      assertThat(named.handle(hired, InboxContract::noted).outcome()).isEqualTo(REPEATED);
      assertThat(named.forgetOlderThan(Duration.ofDays(1))).isZero();
      assertThat(inbox.handle(hired, InboxContract::noted).outcome()).isEqualTo(FIRST);
    }
  }

  private static InboxMessage<String> event(String message) {
    return new InboxMessage<>(message, UUID.randomUUID(), null);
  }

  private static InboxMessage<String> event(String message, String aggregate, long sequence) {
    return new InboxMessage<>(
        message, UUID.randomUUID(), new AggregatePosition("order", aggregate, sequence));
  }

  private static String noted(InboxResult<String> arrival) {
    return allNoted(List.of(arrival));
  }

  private static String allNoted(List<InboxResult<String>> arrivals) {
    return arrivals.stream()
        .map(arrival -> "('" + arrival.message() + "')")
        .collect(Collectors.joining(", ", "insert into effect (message) values ", ""));
  }

  private List<String> effects() throws SQLException {
    var found = new ArrayList<String>();
    try (var connection = database.connect();
        var rows =
            connection.createStatement().executeQuery("select message from effect order by n")) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }

  private List<Long> numbers(String query) throws SQLException {
    var found = new ArrayList<Long>();
    try (var connection = database.connect();
        var rows = connection.createStatement().executeQuery(query)) {
      while (rows.next()) {
        found.add(rows.getLong(1));
      }
    }
    return found;
  }

  private static <T> CompletableFuture<T> async(Callable<T> work) {
    var done = new CompletableFuture<T>();
    var thread =
        new Thread(
            () -> {
              try {
                done.complete(work.call());
              } catch (Exception e) {
                done.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return done;
  }
}
