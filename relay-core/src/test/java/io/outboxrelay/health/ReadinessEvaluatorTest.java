package io.outboxrelay.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ReadinessEvaluatorTest {
  private final RelayHealth health = new RelayHealth();
  private final SecondaryParts secondary = new SecondaryParts();

  private record Owned(List<Integer> owned, Optional<OngoingProblem> problem)
      implements OwnedShards {
    @Override
    public List<Integer> numbers() {
      return List.of(0, 1);
    }

    @Override
    public OptionalLong ledSince(int shard) {
      return OptionalLong.empty();
    }
  }

  @Test
  void aStandbyIsReady() {
    var report = ready(RelayPhase.RUNNING, List.of());
    assertThat(report.isWell()).isTrue();
    assertThat(why(report, "shards")).isEqualTo("it stands by");
  }

  @Test
  void aRelayThatStartsOrStopsIsNotReady() {
    assertThat(ready(RelayPhase.STARTING, List.of()).isWell()).isFalse();
    assertThat(ready(RelayPhase.STOPPING, List.of(0)).isWell()).isFalse();
  }

  @Test
  void anUnreachableBrokerOfAnOwnedShardMakesItNotReady() {
    health.partition(1, 0).unreachable("connection refused");
    assertThat(ready(RelayPhase.RUNNING, List.of(0)).isWell()).isTrue();

    var report = ready(RelayPhase.RUNNING, List.of(0, 1));
    assertThat(report.isWell()).isFalse();
    assertThat(why(report, "broker")).endsWith("connection refused");

    health.partition(1, 0).reached();
    assertThat(ready(RelayPhase.RUNNING, List.of(0, 1)).isWell()).isTrue();
  }

  @Test
  void aStandbyReportsThePublishersOfShard0() {
    health.partition(0, 0).unreachable("connection refused");
    assertThat(ready(RelayPhase.RUNNING, List.of()).isWell()).isFalse();
  }

  @Test
  void aDoorbellThatIsNotHeardIsReportedAndLeavesTheRelayReady() {
    health.shard(0).deaf(true);
    var report = ready(RelayPhase.RUNNING, List.of(0));
    assertThat(report.isWell()).isTrue();
    assertThat(why(report, "listener")).contains("polling");
  }

  @Test
  void aProblemWithTheDatabaseMakesItNotReady() {
    var shards = new Owned(List.of(), Optional.of(OngoingProblem.goOn(null, "it is down")));
    assertThat(ready(RelayPhase.RUNNING, shards, Optional.empty()).isWell()).isFalse();
  }

  @Test
  void aDifferenceOfTheAccountIsReportedAndLeavesTheRelayReady() {
    var shards = new Owned(List.of(0), Optional.empty());
    var report = ready(RelayPhase.RUNNING, shards, Optional.of("3 events differ"));
    assertThat(report.isWell()).isTrue();
    assertThat(why(report, "account")).isEqualTo("3 events differ");
  }

  private HealthReport ready(RelayPhase phase, List<Integer> owned) {
    return ready(phase, new Owned(owned, Optional.empty()), Optional.empty());
  }

  private HealthReport ready(RelayPhase phase, OwnedShards shards, Optional<String> differences) {
    return new ReadinessEvaluator(phase, shards, health, differences, secondary).ready();
  }

  private static String why(HealthReport report, String part) {
    return report.parts().stream()
        .filter(one -> one.name().equals(part))
        .findFirst()
        .orElseThrow()
        .why();
  }
}
