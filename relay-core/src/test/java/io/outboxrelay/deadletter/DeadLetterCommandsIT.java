package io.outboxrelay.deadletter;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.deadletter.DeadLetterFilter.LastRejection;
import io.outboxrelay.deadletter.DeadLetterFilter.Others;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operators' commands on dead letters, and their answers. */
class DeadLetterCommandsIT {
  private static final Actor TESTER = new Actor("tester", Actor.Channel.COMMAND);
  private static final DeadLetterFilter ALL = where(null, null, LastRejection.ANY, Others.NONE);
  private static final DeadLetterFilter ALL_AND_OTHERS =
      where(null, null, LastRejection.ANY, Others.ALL);

  private static final Others BLOCKED = new Others(true, false);

  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Map<String, Object> settings = new HashMap<>(database.settings());

  @BeforeEach
  void write() throws SQLException {
    database.execute(new OutboxSchema(outbox()).script());
    database.execute(
        """
        insert into outbox_dead_letter (seq, id, aggregate_type, aggregate_id, event_type, payload, headers,
            state, reason, destination, attempts, tried_at, dead_lettered_at)
        select seq, gen_random_uuid(), 'order', aggregate, type, '{"n": 1}', headers::jsonb, state, reason,
               destination, attempts, tried::timestamptz, coalesce(tried, '2026-01-05')::timestamptz
        from (values
          (1, 'a-1', 'paid', null, 'parked', 'too large: 2 MiB', 'orders', 1, '2026-01-01'),
          (2, 'a-1', 'sent', null, 'parked', 'waits behind', 'orders', 0, null),
          (3, 'a-2', 'paid', null, 'parked', 'no exchange', 'audit.x', 3, '2026-01-03'),
          (4, 'a-3', 'paid', '[1]', 'skipped', 'its headers are odd', 'audit.y', 1, '2026-01-04'))
          v (seq, aggregate, type, headers, state, reason, destination, attempts, tried);
        """);
  }

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(20, SECONDS);
    database.close();
  }

  @Test
  void listsTheRejectedOnesAndIfAskedTheBlockedOnesOfAnAggregate() throws TimeoutException {
    assertThat(seqs(ALL)).containsExactly(1L, 3L, 4L);
    assertThat(seqs(ALL_AND_OTHERS)).containsExactly(1L, 2L, 3L, 4L);
    assertThat(seqs(aggregate("a-1"))).containsExactly(1L);
    assertThat(seqs(aggregate("a-1", BLOCKED))).containsExactly(1L, 2L);
  }

  @Test
  void listsThoseWithAnEventTypeADestinationOrAReason() throws TimeoutException {
    assertThat(seqs(with("sent", null, null))).isEmpty();
    assertThat(seqs(where(null, "sent", LastRejection.ANY, BLOCKED))).containsExactly(2L);
    assertThat(seqs(with(null, "audit.*", null))).containsExactly(3L, 4L);
    assertThat(seqs(with(null, "audit_*", null))).isEmpty();
    assertThat(seqs(with(null, null, "exchange"))).containsExactly(3L);
    assertThat(seqs(with(null, null, "*large*MiB"))).containsExactly(1L);
  }

  @Test
  void listsThoseOfATime() throws TimeoutException {
    assertThat(seqs(where(null, null, rejected(day(3), null), BLOCKED)))
        .containsExactly(2L, 3L, 4L);
    assertThat(seqs(where(null, null, rejected(day(1), day(3)), Others.NONE))).containsExactly(1L);
  }

  @Test
  void saysOfEachItsStateAndIfItIsOrdered() throws TimeoutException {
    assertThat(list(ALL_AND_OTHERS, 2)).hasSize(2);
    assertThat(list(ALL_AND_OTHERS, 9))
        .extracting(DeadLetterSummary::state)
        .containsExactly("rejected", "blocked", "rejected", "rejected");
    assertThat(list(ALL_AND_OTHERS, 9))
        .extracting(DeadLetterSummary::ordered)
        .containsExactly(true, true, true, false);
  }

  @Test
  void countsTheSameOnes() throws TimeoutException {
    assertThat(count(ALL_AND_OTHERS)).isEqualTo(new DeadLetterCounts(3, 1, 0, 0, 2));
    assertThat(count(ALL)).isEqualTo(new DeadLetterCounts(3, 0, 0, 0, 2));
  }

  @Test
  void deferredAndPausedEventsAreNeitherRejectedNorBlocked() throws Exception {
    database.execute(
        """
        insert into outbox_dead_letter (seq, aggregate_id, state, reason, destination, attempts, redelivery)
        values (11, 'b-1', 'parked', 'orders is down', 'orders', 0, 'requested'),
               (12, 'b-1', 'parked', 'waits behind', 'orders', 0, null),
               (13, 'b-2', 'parked', 'it is paused', 'audit_1.x', 0, 'requested'),
               (14, 'b-3', 'parked', 'it is down', 'audit-1.x', 0, 'in_progress'),
               (15, 'b-4', 'parked', 'too large', 'orders', 1, 'discarded'),
               (16, 'b-4', 'parked', 'waits behind', 'orders', 0, null);
        insert into outbox_pause (destination, paused_by) values ('audit_1.*', 'alice');
        """);

    assertThat(seqs(ALL)).containsExactly(1L, 3L, 4L);
    assertThat(list(ALL_AND_OTHERS, 99).stream().skip(4).map(DeadLetterSummary::state))
        .containsExactly("deferred", "deferred", "paused", "deferred", "waiting");
    assertThat(seqs(where(null, null, LastRejection.ANY, new Others(false, true))))
        .containsExactly(1L, 3L, 4L, 11L, 12L, 13L, 14L);
    assertThat(seqs(where(null, null, LastRejection.ANY, BLOCKED)))
        .containsExactly(1L, 2L, 3L, 4L, 16L);
    var standing = at(commands -> commands.queries().stats());
    assertThat(standing.count()).isEqualTo(new DeadLetterCounts(3, 2, 3, 1, 2));
    assertThat(count(ALL_AND_OTHERS)).isEqualTo(standing.count());
    List<ParkedAggregate> parked = at(commands -> commands.queries().parked(0, 99));
    assertThat(parked).extracting(ParkedAggregate::aggregateId).containsExactly("a-1", "a-2");
    List<DeadLetterSummary> page =
        at(commands -> commands.queries().page(ALL_AND_OTHERS, "deferred", 11, 99));
    assertThat(page).extracting(DeadLetterSummary::seq).containsExactly(12L, 14L);
  }

  @Test
  void deadLettersAreCountedUpToABound() throws Exception {
    var few = at(commands -> commands.queries().stats());
    assertThat(few.count()).isEqualTo(new DeadLetterCounts(3, 1, 0, 0, 2));
    assertThat(few.isMore()).isFalse();

    database.execute(
        """
        insert into outbox_dead_letter (seq, aggregate_id, state, reason, redelivery)
        select n, 'a-' || n, 'parked', 'waits', 'requested' from generate_series(5, %d) n
        """
            .formatted(3 * DeadLetterQueries.COUNTED));
    var many = at(commands -> commands.queries().stats());
    assertThat(many.count())
        .isEqualTo(new DeadLetterCounts(3, 1, DeadLetterQueries.COUNTED + 1L - 4, 0, 2));
    assertThat(many)
        .returns(few.oldest(), DeadLetterStats::oldest)
        .returns(true, DeadLetterStats::isMore);
  }

  @Test
  void showsAllOfOne() throws TimeoutException {
    var shown = at(commands -> commands.queries().show(2));
    assertThat(shown.stored().content().payload().text()).isEqualTo("{\"n\": 1}");
    assertThat(shown.behind()).isEqualTo(1);
    assertThat(shown.defect()).isNull();
    assertThat(at(commands -> commands.queries().show(4)).defect())
        .contains("not a JSON object of strings");
    assertRefused(commands -> commands.queries().show(77), "there is no dead letter 77 now. See");
  }

  @Test
  void aRetryAsksForTheHeadsOfWhatWasMeant() throws Exception {
    assertThat(counts(retry(DeadLetterFilter.of(2), true))).containsExactly(1L, 1L, 0L);
    assertThat(redelivery()).as("a dry run changes nothing").isEmpty();

    assertThat(counts(retry(DeadLetterFilter.of(2), false))).containsExactly(1L, 1L, 0L);
    assertThat(redelivery()).isEqualTo("1 requested");
    assertThat(counts(retry(ALL, false))).containsExactly(3L, 2L, 1L);

    assertThat(redelivery()).isEqualTo("1 requested, 3 requested, 4 requested");
    assertThat(counts(retry(ALL, false))).containsExactly(3L, 0L, 3L);
  }

  @Test
  void ofTwoAtOnceOneWinsAndTheOtherIsTold() throws Exception {
    try (var other = database.connect()) {
      other.setAutoCommit(false);
      other
          .createStatement()
          .execute("update outbox_dead_letter set redelivery = 'requested' where seq = 1");
      var waiting = connected(commands -> commands.discard(DeadLetterFilter.of(1), false));
      var edit = connected(commands -> commands.edit(1, payload("{}")));
      awaitBlocked(2);

      other.commit();

      assertThat(counts(waiting.await(20, SECONDS))).containsExactly(1L, 0L, 1L);
      assertThatThrownBy(() -> edit.await(20, SECONDS))
          .isInstanceOf(OperationRefusedException.class)
          .hasMessageContaining("dead letter 1 is being retried; nothing was changed");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void aRetryOfADeadLetterThatIsBeingDiscardedIsRefused(long seq) throws Exception {
    try (var other = database.connect()) {
      other.setAutoCommit(false);
      other
          .createStatement()
          .execute("update outbox_dead_letter set redelivery = 'discarded' where seq = 1");
      var waiting = connected(commands -> commands.retry(DeadLetterFilter.of(seq), false));
      awaitBlocked(1);

      other.commit();

      assertThatThrownBy(() -> waiting.await(20, SECONDS))
          .isInstanceOf(OperationRefusedException.class)
          .hasMessageContaining("there is no dead letter 1 now; nothing was changed");
      assertThat(redelivery()).isEqualTo("1 discarded");
    }
  }

  @Test
  void aDeferredEventCanBeDiscarded() throws Exception {
    database.execute(
        "update outbox_dead_letter set redelivery = 'requested', attempts = 0 where seq = 1");

    assertThat(counts(discard(DeadLetterFilter.of(1), false))).containsExactly(1L, 1L, 0L);

    assertThat(redelivery()).isEqualTo("1 discarded");
  }

  @Test
  void filtersGiveUpRejectedEventsAndTellWhatFollows() throws Exception {
    database.execute(
        """
        insert into outbox_dead_letter (seq, aggregate_id, state, reason, destination, attempts)
        values (21, 'c-1', 'parked', 'too large', 'orders', 1),
               (22, 'c-1', 'parked', 'waits behind', 'orders', 0),
               (23, 'c-1', 'parked', 'waits behind', 'orders', 0),
               (24, 'c-1', 'parked', 'no exchange', 'audit.x', 2),
               (25, 'c-1', 'parked', 'waits behind', 'orders', 0);
        """);

    for (boolean dryRun : List.of(true, false)) {
      var first =
          discard(
              where("c-1", null, new LastRejection(null, "large", null, null), Others.NONE),
              dryRun);
      assertThat(first).isEqualTo(result(1, new BulkResult.Changed(1, 0, 0), 2, 1));
      assertThat(first.discarded(dryRun))
          .isEqualTo(
              dryRun
                  ? "would give up 1 rejected event; 2 behind it would be published;"
                      + " 1 would stay blocked by another one"
                  : "gave up 1 rejected event; 2 behind it will be published;"
                      + " 1 stay blocked by another one");
    }
    assertThat(redelivery()).isEqualTo("21 discarded");
    assertThat(query("select target || ': ' || outcome from outbox_audit"))
        .isEqualTo(
            "--aggregate c-1 --reason large: gave up 1 rejected event; 2 behind it will be"
                + " published; 1 stay blocked by another one");
    assertThat(discard(aggregate("c-1"), true))
        .isEqualTo(result(1, new BulkResult.Changed(1, 0, 0), 1, 0));
    assertThat(discard(aggregate("c-1", BLOCKED), true))
        .as("22 and 23 could be published, and are discarded because the filter includes them")
        .isEqualTo(result(4, new BulkResult.Changed(1, 3, 0), 0, 0));
    assertThat(discard(aggregate("a-1", BLOCKED), false).discarded(false))
        .isEqualTo("gave up 1 rejected event and 1 blocked event");
    assertThat(redelivery()).isEqualTo("1 discarded, 2 discarded, 21 discarded");
  }

  @Test
  void aRetryTellsHowManyFollow() throws Exception {
    assertThat(retry(ALL, true)).isEqualTo(result(3, new BulkResult.Changed(3, 0, 0), 1, 0));
    assertThat(retry(ALL, true).retried(true))
        .isEqualTo("would retry 3 rejected events; 1 behind them would follow in order");
    assertThat(retry(with("sent", null, null), true).matched())
        .as("a filter that only a blocked event meets retries nothing")
        .isZero();
  }

  @Test
  void aDiscardSparesWhatIsBeingRetried() throws Exception {
    at(commands -> commands.retry(aggregate("a-2"), false));
    assertThat(counts(discard(ALL_AND_OTHERS, true))).containsExactly(4L, 3L, 1L);
    assertThat(redelivery()).isEqualTo("3 requested");

    assertThat(counts(discard(ALL_AND_OTHERS, false))).containsExactly(4L, 3L, 1L);

    assertThat(redelivery()).isEqualTo("1 discarded, 2 discarded, 3 requested, 4 done");
    assertThat(seqs(ALL_AND_OTHERS)).containsExactly(3L);
    assertRefused(
        commands -> commands.discard(DeadLetterFilter.of(1), false),
        "there is no dead letter 1 now");
    assertRefused(
        commands -> commands.retry(DeadLetterFilter.of(4), false), "there is no dead letter 4 now");
    assertRefused(commands -> commands.edit(1, payload("{}")), "there is no dead letter 1 now");
    assertRefused(commands -> commands.edit(77, payload("{}")), "there is no dead letter 77 now");
  }

  @Test
  void anEditChangesWhatItNamesAndNothingElse() throws Exception {
    at(commands -> commands.edit(4, headers(Map.of("tenant", "t-1"), List.of("gone"))));
    assertThat(query("select headers::text from outbox_dead_letter where seq = 4"))
        .isEqualTo("{\"tenant\": \"t-1\"}");
    assertThat(at(commands -> commands.queries().show(4)).defect()).isNull();

    at(commands -> commands.edit(4, headers(Map.of(), List.of("tenant"))));
    at(commands -> commands.edit(4, payload("{\"n\": 2}")));
    at(
        commands ->
            commands.edit(
                4,
                new DeadLetterEdit(
                    new UUID(1, 2),
                    "bill",
                    "a-4",
                    "made",
                    null,
                    DeadLetterEdit.HeaderChanges.NONE)));
    assertThat(
            query(
                "select concat_ws(' ', id, aggregate_type, aggregate_id, event_type, payload,"
                    + " headers) from outbox_dead_letter where seq = 4"))
        .isEqualTo("00000000-0000-0001-0000-000000000002 bill a-4 made {\"n\": 2} {}");

    at(
        commands ->
            commands.edit(
                4,
                new DeadLetterEdit(
                    null,
                    null,
                    null,
                    null,
                    new DeadLetterEdit.NewPayload(null),
                    DeadLetterEdit.HeaderChanges.NONE)));
    assertThat(query("select payload is null from outbox_dead_letter where seq = 4"))
        .isEqualTo("t");
  }

  @Test
  void anEditThatDoesNotFitIsRefused() throws Exception {
    assertRefused(
        commands -> commands.edit(4, payload("{\"n\": ")),
        "the payload does not fit its column of type jsonb: invalid input syntax");
    assertRefused(
        commands ->
            commands.edit(
                4,
                new DeadLetterEdit(
                    null,
                    null,
                    null,
                    null,
                    new DeadLetterEdit.NewPayload(Buffer.buffer(new byte[] {-1})),
                    DeadLetterEdit.HeaderChanges.NONE)),
        "the payload is not UTF-8, which a column of type jsonb needs");
    assertRefused(
        commands ->
            commands.edit(
                1,
                new DeadLetterEdit(
                    null, null, "a-9", null, null, DeadLetterEdit.HeaderChanges.NONE)),
        "dead letter 1 is parked: its place is in the order of aggregate a-1");
    assertThat(query("select payload::text from outbox_dead_letter where seq = 4"))
        .isEqualTo("{\"n\": 1}");
  }

  @Test
  void payloadsOfBytesStayBytes() throws Exception {
    database.execute(
        "alter table outbox drop payload, add payload bytea;"
            + " alter table outbox_dead_letter drop payload, add payload bytea");
    var bytes = Buffer.buffer(new byte[] {0, -1, 5});

    at(
        commands ->
            commands.edit(
                4,
                new DeadLetterEdit(
                    null,
                    null,
                    null,
                    null,
                    new DeadLetterEdit.NewPayload(bytes),
                    DeadLetterEdit.HeaderChanges.NONE)));

    assertThat(at(commands -> commands.queries().show(4)).stored().content().payload().text())
        .isEqualTo("\\x00ff05");
  }

  private void awaitBlocked(int sessions) {
    await()
        .atMost(60, SECONDS)
        .until(
            () ->
                query(
                    "select count(*) from pg_stat_activity"
                        + " where datname = current_database() and wait_event_type = 'Lock'"),
            Integer.toString(sessions)::equals);
  }

  private static BulkResult result(
      long matched, BulkResult.Changed changed, long following, long stillBlocked) {
    return new BulkResult(
        matched, changed, following, stillBlocked, new BulkResult.Busy(0, List.of()));
  }

  private static LastRejection rejected(
      @Nullable OffsetDateTime since, @Nullable OffsetDateTime until) {
    return new LastRejection(null, null, since, until);
  }

  private static DeadLetterFilter where(
      @Nullable String aggregate, @Nullable String type, LastRejection rejection, Others others) {
    return new DeadLetterFilter(List.of(), aggregate, type, rejection, others);
  }

  private static DeadLetterFilter aggregate(String id) {
    return aggregate(id, Others.NONE);
  }

  private static DeadLetterFilter aggregate(String id, Others others) {
    return where(id, null, LastRejection.ANY, others);
  }

  private static DeadLetterFilter with(
      @Nullable String type, @Nullable String destination, @Nullable String reason) {
    return where(null, type, new LastRejection(destination, reason, null, null), Others.NONE);
  }

  private static OffsetDateTime day(int day) {
    return OffsetDateTime.of(2026, 1, day, 0, 0, 0, 0, ZoneOffset.UTC);
  }

  private static DeadLetterEdit payload(String text) {
    return new DeadLetterEdit(
        null,
        null,
        null,
        null,
        new DeadLetterEdit.NewPayload(Buffer.buffer(text)),
        DeadLetterEdit.HeaderChanges.NONE);
  }

  private static DeadLetterEdit headers(Map<String, String> headers, List<String> removed) {
    return new DeadLetterEdit(
        null, null, null, null, null, new DeadLetterEdit.HeaderChanges(headers, removed));
  }

  private List<Long> seqs(DeadLetterFilter selection) throws TimeoutException {
    return list(selection, 100).stream().map(DeadLetterSummary::seq).toList();
  }

  private List<DeadLetterSummary> list(DeadLetterFilter selection, int most)
      throws TimeoutException {
    return at(commands -> commands.queries().list(selection, most));
  }

  private DeadLetterCounts count(DeadLetterFilter selection) throws TimeoutException {
    return at(commands -> commands.queries().count(selection));
  }

  private BulkResult retry(DeadLetterFilter selection, boolean dryRun) throws TimeoutException {
    return at(commands -> commands.retry(selection, dryRun));
  }

  private BulkResult discard(DeadLetterFilter selection, boolean dryRun) throws TimeoutException {
    return at(commands -> commands.discard(selection, dryRun));
  }

  private void assertRefused(Function<DeadLetterCommands, Future<?>> work, String sentence) {
    assertThatThrownBy(() -> connected(commands -> work.apply(commands).map(0)).await(20, SECONDS))
        .isInstanceOf(OperationRefusedException.class)
        .hasMessageContaining(sentence);
  }

  private <T> T at(Function<DeadLetterCommands, Future<T>> work) throws TimeoutException {
    return connected(work).await(20, SECONDS);
  }

  private <T> Future<T> connected(Function<DeadLetterCommands, Future<T>> work) {
    return Database.create(vertx, DatabaseConfig.from(Settings.of("test", settings)))
        .connect()
        .compose(
            connection ->
                work.apply(new DeadLetterCommands(connection, outbox().names(), TESTER))
                    .eventually(connection::close));
  }

  private OutboxConfig outbox() {
    return OutboxConfig.from(Settings.of("test", settings));
  }

  private String redelivery() throws SQLException {
    return query(
        "select coalesce(string_agg(concat_ws(' ', seq, redelivery), ', ' order by seq), '')"
            + " from outbox_dead_letter where redelivery is not null");
  }

  private String query(String sql) throws SQLException {
    return database.query(sql);
  }

  /** Returns the numbers of matched, changed and busy dead letters. */
  private static List<Long> counts(BulkResult bulkResult) {
    assertThat(bulkResult.busy().some()).hasSize((int) bulkResult.busy().count());
    return List.of(bulkResult.matched(), bulkResult.done(), bulkResult.busy().count());
  }
}
