package io.outboxrelay.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.Events;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RelayHealthTest {
  private final RelayHealth health = new RelayHealth();

  @Test
  void aConfirmInAnyPartitionEndsTheBrokersProblem() {
    health.partition(0, 0).fails();
    assertThat(health.broker(0)).isPresent();

    var event = Events.event(1, "a");
    long since = health.broker(0).orElseThrow().sinceNanos();
    health.partition(0, 1).confirmed(event, since + 1);
    assertThat(health.broker(0)).isEmpty();
  }

  @Test
  void anEventFailsUntilItIsSettled() {
    var event = Events.event(1, "a");
    health.partition(0, 0).failed(event, "it is too large");
    health.partition(0, 0).settled(Events.event(2, "a"));
    assertThat(health.event(0).orElseThrow().what()).endsWith("it is too large");

    health.partition(0, 0).settled(event);
    assertThat(health.event(0)).isEmpty();
  }

  @Test
  void onlyALeaderKnowsItsBreakers() {
    var shard = health.shard(0);
    shard.leads(new ShardHealth.LeaderState(() -> 2, () -> Map.of("t", "full"), Map::of));
    shard.readAhead(3, 100, true);
    assertThat(shard.isLeading()).isTrue();
    assertThat(shard.parked()).isEqualTo(2);
    assertThat(shard.openBreakers()).containsEntry("t", "full");

    shard.ends();
    assertThat(shard.isLeading()).isFalse();
    assertThat(shard.parked()).isZero();
    assertThat(shard.openBreakers()).isEmpty();
    assertThat(shard.readAheadEvents()).isZero();
    assertThat(shard.isFull()).isFalse();
  }

  @Test
  void aShardThatDoesNotExistAnyMoreIsForgotten() {
    health.shard(0);
    health.shard(1);
    health.onlyShards(1);
    assertThat(health.shards()).hasSize(1);
  }

  @Test
  void aLoopIsSilentOnlyWhileATickIsExpected() {
    assertThat(health.silence()).isZero();
    health.shard(0).tick();
    assertThat(health.shard(0).lastTick()).isNotZero();
    health.shard(0).rests();
    assertThat(health.silence()).isZero();
  }

  @Test
  void aBlockedEventLoopIsNotLive() {
    assertThat(LivenessEvaluator.live(LivenessEvaluator.SILENCE.minusNanos(1)).isWell()).isTrue();
    assertThat(LivenessEvaluator.live(LivenessEvaluator.SILENCE).isWell()).isFalse();
  }
}
