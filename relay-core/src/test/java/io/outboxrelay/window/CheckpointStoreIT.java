package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.database.TestConnections;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** If two relays act as the owner of a shard, only the later one changes the checkpoint. */
class CheckpointStoreIT {
  private final OutboxConfig config = OutboxConfig.from(Settings.of("test", Map.of()));
  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private PgConnection formers;
  private PgConnection successors;

  @BeforeEach
  void connect() throws Exception {
    database.execute(new OutboxSchema(config).script());
    formers = connection();
    successors = connection();
  }

  private PgConnection connection() {
    return TestConnections.open(vertx, database);
  }

  @AfterEach
  void close() {
    formers.close().await();
    successors.close().await();
    vertx.close().await();
    database.close();
  }

  @Test
  void aFormerOwnerMovesItNoMore() {
    var former = new CheckpointStore(formers, config.names(), ShardKey.all());
    var successor = new CheckpointStore(successors, config.names(), ShardKey.all());
    var start = former.claim("former", "").await();
    former.store(at(start, 10)).await();
    successor.claim("successor", "").await();
    successor.store(at(start, 20)).await();

    assertThatThrownBy(() -> former.store(at(start, 15)).await())
        .hasMessageContaining("another relay has taken over")
        .hasMessageContaining("since epoch " + former.epoch());
    assertThatThrownBy(() -> former.storeDurably(at(start, 30)).await())
        .hasMessageContaining("another relay has taken over");

    var next =
        new CheckpointStore(formers, config.names(), ShardKey.all()).claim("next", "").await();
    assertThat(next.top()).isEqualTo(20);
  }

  @Test
  void aFormerOwnerCountsNothingMore() throws Exception {
    write(10);
    var former = new CheckpointStore(formers, config.names(), ShardKey.all());
    var page = reader(former.claim("former", "").await(), 10).next().await();
    former.read(page);
    new CheckpointStore(successors, config.names(), ShardKey.all()).claim("successor", "").await();

    assertThatThrownBy(() -> former.store(page.position()).await())
        .hasMessageContaining("another relay has taken over");

    assertThat(account()).isEqualTo("null");
  }

  /** The account lacks the events of the failed write, so no later checkpoint may confirm them. */
  @Test
  void nothingIsStoredBehindAWriteThatFailed() throws Exception {
    write(5_000);
    // The account of the first range overflows; that of the second does not.
    database.execute(
        "insert into outbox_account (range, shard, events, digest) values (0, 0, 9223372036854775807, 0)");
    var store = new CheckpointStore(formers, config.names(), ShardKey.all());
    var reader = reader(store.claim("owner", "").await(), 4_095);
    var first = reader.next().await();
    var second = reader.next().await();
    store.read(first);
    store.read(second);

    var failed = store.store(first.position());
    var behind = store.store(second.position());

    assertThatThrownBy(failed::await).hasMessageContaining("out of range");
    assertThatThrownBy(behind::await).hasMessageContaining("out of range");
    assertThat(select("select coalesce(position, top) from outbox_checkpoint")).isEqualTo("0");
  }

  /**
   * If the account did not agree with the checkpoint, the clean-up would delete nothing any more.
   */
  @Test
  void aPositionFromElsewhereMovesTheAccountWithTheCheckpoint() throws Exception {
    write(5_000);
    var store = new CheckpointStore(formers, config.names(), ShardKey.all());
    var owner = new TableSource.Owner("connector", "");
    var reader = reader(store.claim("connector", "").await(), 4_500);
    reader.next().await();

    store.claimAt(owner, stored -> reader.pageStart().at(4_200)).await();
    assertThat(account()).isEqualTo("0: 4095, 1: 105");
    assertThat(difference()).isZero();

    store.claimAt(owner, stored -> reader.pageStart().at(10)).await();
    assertThat(account()).isEqualTo("0: 10, 1: 0");
    assertThat(difference()).isZero();

    var stored = store.claimAt(owner, unchanged -> unchanged).await();
    assertThat(stored).isEqualTo(reader.pageStart().at(10));
    assertThat(account()).isEqualTo("0: 10, 1: 0");
  }

  /** The log had delivered and counted the first four rows of a transaction. */
  @Test
  void aPartOfATransactionThatIsDeliveredAgainLeavesTheAccount() throws Exception {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type)
          select 'order', 'a', 'paid' from generate_series(1, 10);
        insert into outbox_account (range, shard, events, digest) values (0, 0, 4, 40);
        update outbox_checkpoint
          set partial_xid = (select xid from outbox limit 1), partial_rows = 4, partial_last = 4,
              partial_ranges = '{0}', partial_events = '{4}', partial_digests = '{40}'
        """);
    var store = new CheckpointStore(formers, config.names(), ShardKey.all());
    var owner = new TableSource.Owner("connector", "");

    var start = store.claimAt(owner, Checkpoint::withoutPartial).await();

    assertThat(start.partial()).isNull();
    assertThat(account()).isEqualTo("0: 0");
    assertThat(select("select digest from outbox_account")).isEqualTo("0");
    assertThat(store.claimAt(owner, stored -> stored).await()).isEqualTo(start);
  }

  private void write(int events) throws Exception {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type)
          select 'order', 'a', 'paid' from generate_series(1, %d)
        """
            .formatted(events));
  }

  private WindowReader reader(Checkpoint from, int pageEvents) {
    var query =
        new PageQuery(
            formers,
            config.names(),
            ShardKey.all(),
            PayloadType.JSONB,
            new PageQuery.PageSize(pageEvents, 1 << 20, 10_000));
    return WindowReader.unattended(query, from);
  }

  private String account() throws Exception {
    return select(
        "select string_agg(range || ': ' || events, ', ' order by range) from outbox_account");
  }

  /** Returns the sum of the hashes in the account, without those of the confirmed events. */
  private long difference() throws Exception {
    return Long.parseLong(
        select(
            """
            select (select sum(digest) from outbox_account)
              - (select sum(uuid_hash_extended(id, seq) & 1099511627775)
                 from outbox where seq <= (select position from outbox_checkpoint))
            """));
  }

  private String select(String sql) throws Exception {
    return database.query(sql);
  }

  private static Checkpoint at(Checkpoint start, long top) {
    return new Checkpoint(start.settled(), top, start.floor(), start.fence(), null);
  }
}
