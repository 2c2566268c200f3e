package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The relay's promises: nothing is lost, nothing is overtaken, and nothing is repeated without
 * need.
 */
class RelayIT extends WithRelayBench {
  @Test
  void publishesWhatIsCommitted() throws SQLException {
    bench.leading();

    bench.commit("a-1", 1, 2, 3);

    bench.awaitArrivals(3);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2, 3)));
  }

  @Test
  void publishesWhatWasCommittedBeforeItStarted() throws SQLException {
    bench.commit("a-1", 1, 2, 3);

    bench.leading();

    bench.awaitArrivals(3);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2, 3)));
  }

  @Test
  void keepsOrderAndLosesNothingUnderHostileWritersThroughAPipeliningBroker() throws Exception {
    underHostileWriters("pipelined");
  }

  @Test
  void keepsOrderAndLosesNothingUnderHostileWritersOneAtATime() throws Exception {
    underHostileWriters("one-at-a-time");
  }

  private void underHostileWriters(String ordering) throws Exception {
    bench.withBroker("ordering", ordering).with("relay.page-size", 7).leading();
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(8))) {
      writers.start(10, 2, ordering.hashCode());
      var committed = writers.finish();

      bench.awaitArrivals(HostileWriters.total(committed));
      assertThat(bench.versions()).isEqualTo(HostileWriters.upTo(committed));
    }
  }

  @Test
  void aCleanStopRepeatsNothing() throws Exception {
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(6))) {
      writers.start(8, 1, 7);
      while (writers.isRunning()) {
        var relay = bench.leading();
        bench.awaitArrivals(bench.arrived().size() + 11, writers);
        done(relay.stop());
      }
      var committed = writers.finish();
      bench.leading();

      bench.awaitArrivals(HostileWriters.total(committed));
      assertThat(bench.versions()).isEqualTo(HostileWriters.upTo(committed));
    }
  }
}
