package io.outboxrelay.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.health.OwnedShards;
import io.outboxrelay.health.RelayHealth;
import io.outboxrelay.health.RelayPhase;
import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.publish.Events;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StatusCollectorTest {
  private static final String SELF = "7@here";
  private static final String OTHER = "8@there";

  private final Shards shards = new Shards();
  private final Database database = new Database();
  private final RelayHealth health = new RelayHealth();
  private final StatusCollector collector =
      new StatusCollector(shards, database, health, RelayPhase.RUNNING, SELF);

  /** This relay owns shard 0 of two. */
  private static final class Shards implements OwnedShards {
    Optional<OngoingProblem> problem = Optional.empty();
    OptionalLong ledSince = OptionalLong.empty();

    @Override
    public Optional<OngoingProblem> problem() {
      return problem;
    }

    @Override
    public List<Integer> numbers() {
      return List.of(0, 1);
    }

    @Override
    public List<Integer> owned() {
      return List.of(0);
    }

    @Override
    public OptionalLong ledSince(int shard) {
      return shard == 0 ? ledSince : OptionalLong.empty();
    }
  }

  private static final class Database implements DatabaseObservations {
    final List<ShardRow> rows = new ArrayList<>();
    boolean isReadable = true;

    @Override
    public Optional<ShardsSeen> latest() {
      return isReadable ? Optional.of(new ShardsSeen(1, rows)) : Optional.empty();
    }

    @Override
    public OtherSessions sessions() {
      return OtherSessions.NONE;
    }

    @Override
    public AccountDifferences.Summary differences() {
      return AccountDifferences.Summary.NONE;
    }

    @Override
    public Optional<ShardObservation.Pace> pace(int shard) {
      return Optional.empty();
    }
  }

  private static ShardRow row(int shard, String owner, long waiting, long parked) {
    return new ShardRow(
        shard,
        new ShardRow.Ownership(Optional.of(owner), true, 1),
        new ShardRow.Progress(Duration.ZERO, 10, 20, 2),
        new WaitingEvents(waiting, false, Optional.empty()),
        new ShardRow.ShardDeadLetters(parked, 0, parked));
  }

  /** The checkpoint row does not name this relay before it publishes. */
  @Test
  void thisRelayLeadsTheShardsThatItOwnsWhateverTheDatabaseSaysYet() {
    database.rows.add(row(0, OTHER, 0, 0));
    database.rows.add(row(1, OTHER, 0, 0));

    var seen = collector.evidence().shards();

    assertThat(seen).extracting(ShardObservation::isMine).containsExactly(true, false);
    assertThat(seen.get(0).leader()).contains(SELF);
    assertThat(seen.get(1).leader()).contains(OTHER);
  }

  @Test
  void atLeastTheEventsThatAreReadAheadWaitInAnOwnShardOnly() {
    database.rows.add(row(0, SELF, 3, 0));
    database.rows.add(row(1, OTHER, 3, 0));
    health.shard(0).readAhead(50, 100, true);
    health.shard(1).readAhead(50, 100, true);

    assertThat(collector.evidence().shards())
        .extracting(shard -> shard.waiting().count())
        .containsExactly(50L, 3L);
  }

  @Test
  void theOwnShardsAreKnownAlsoIfTheDatabaseCannotBeRead() {
    database.rows.add(row(1, OTHER, 3, 0));
    database.isReadable = false;
    health.shard(0).readAhead(50, 100, true);

    var seen = collector.evidence().shards();

    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).leader()).contains(SELF);
    assertThat(seen.get(0).waiting()).isEqualTo(new WaitingEvents(50, true, Optional.empty()));
  }

  @Test
  void aShardIsQuietSinceTheLastConfirmOfThisTerm() {
    database.rows.add(row(0, SELF, 3, 0));
    assertThat(quiet()).as("not published yet").isEmpty();

    long now = System.nanoTime();
    health.partition(0, 0).confirmed(Events.event(1, "a"), now - TimeUnit.HOURS.toNanos(3));
    shards.ledSince = OptionalLong.of(now - TimeUnit.HOURS.toNanos(2));
    assertThat(quiet().orElseThrow().toHours()).as("a confirm of an earlier term").isEqualTo(2);

    health.partition(0, 1).confirmed(Events.event(2, "b"), now - TimeUnit.HOURS.toNanos(1));
    assertThat(quiet().orElseThrow().toHours()).isEqualTo(1);
  }

  private Optional<Duration> quiet() {
    return collector.evidence().shards().get(0).quiet();
  }

  @Test
  void onlyTheParkedAggregatesAndOpenBreakersOfOwnShardsCount() {
    database.rows.add(row(0, SELF, 0, 2));
    database.rows.add(row(1, OTHER, 0, 5));
    health.shard(0).leads(leader("orders"));
    health.shard(1).leads(leader("invoices"));

    assertThat(collector.evidence().undelivered().parked()).isEqualTo(2);
    assertThat(collector.evidence().problems().openBreakers()).containsOnlyKeys("orders");
  }

  private static ShardHealth.LeaderState leader(String open) {
    return new ShardHealth.LeaderState(() -> 0, () -> Map.of(open, "it is down"), Map::of);
  }

  @Test
  void aDatabaseThatOnlyTheMonitorCannotUseIsNoProblem() {
    database.isReadable = false;
    assertThat(collector.evidence().database()).isEmpty();

    shards.problem = Optional.of(new OngoingProblem("too many connections", System.nanoTime()));
    assertThat(collector.evidence().database().orElseThrow().what())
        .isEqualTo("too many connections");
  }
}
