package io.outboxrelay.app;

import static io.outboxrelay.app.PaperRelays.published;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process of the leader is suspended while thousands of events wait in its memory. It resumes
 * after another relay has taken over.
 */
class SuspendedRelayIT {
  private static final int EVENTS = 3_000;

  private final FaultProxy proxy =
      FaultProxy.onNativeSockets(PostgresServer.shared().host(), PostgresServer.shared().port());
  private final PaperRelays relays;

  SuspendedRelayIT(@TempDir Path folder) throws Exception {
    relays = new PaperRelays(folder);
  }

  @AfterEach
  void close() {
    proxy.heal();
    proxy.close();
    relays.close();
  }

  /**
   * Ends the session at the server, because the kernel keeps the connections of a suspended process
   * open, and so the lease.
   */
  @Test
  void publishesNoMoreIfItsSessionWasEnded() throws Exception {
    assertThatTheFormerLeaderPublishesNoMore(
        () ->
            relays.query(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname ="
                    + " current_database() and application_name = 'outbox-relay'"));
  }

  /**
   * The resumed process gets no notice of the lost connection, because packets are still dropped.
   */
  @Test
  void publishesNoMoreIfItsHostHadVanished() throws Exception {
    assumeTrue(proxy.canVanish(), "there are no native sockets");
    assertThatTheFormerLeaderPublishesNoMore(proxy::vanish);
  }

  private interface LossOfTheLease {
    void cause() throws Exception;
  }

  private void assertThatTheFormerLeaderPublishesNoMore(LossOfTheLease loss) throws Exception {
    String direct = ":" + PostgresServer.shared().port() + "/";
    var proxied =
        relays.config(
            "proxied",
            relays.uri().replace(direct, ":" + proxy.port() + "/"),
            "relay.answer-timeout: 1s\nrelay.lease-timeout: 6s");
    var other =
        relays.config("direct", relays.uri(), "relay.answer-timeout: 1s\nrelay.lease-timeout: 6s");
    relays.write(1, EVENTS);
    try (var former = relays.run(proxied, "run")) {
      former.awaitLine(published(EVENTS / 10));
      former.signal("STOP");
      loss.cause();
      try (var successor = relays.run(other, "run")) {
        successor.awaitLine(published(EVENTS));
        var before = published(former);
        assertThat(before).doesNotContain(EVENTS);
        String epoch = relays.query("select epoch from outbox_checkpoint");

        former.signal("CONT");
        former.awaitLine("publishes no affected shard until that is corrected");
        proxy.heal();
        relays.write(EVENTS + 1, EVENTS + 1);
        successor.awaitLine(published(EVENTS + 1));

        assertThat(published(former).size() - before.size())
            .as("the event that was being handed over when the process was suspended")
            .isLessThanOrEqualTo(1);
        assertThat(relays.query("select epoch from outbox_checkpoint")).isEqualTo(epoch);
        assertInOrder(before, published(successor));
        successor.terminate().awaitExit(0);
      }
      // If it leads again, it starts at its successor's checkpoint, so it repeats nothing.
      int known = published(former).size();
      relays.write(EVENTS + 2, EVENTS + 2);
      former.awaitLine(published(EVENTS + 2)).terminate().awaitExit(0);
      assertThat(published(former).subList(known, known + 1)).containsExactly(EVENTS + 2);
      assertThat(relays.query("select count(*) from outbox_dead_letter")).isEqualTo("0");
    }
  }

  /** Asserts that the first arrivals of each aggregate are complete and in order. */
  private static void assertInOrder(List<Integer> former, List<Integer> successor) {
    var all = new ArrayList<>(former);
    all.addAll(successor);
    var first = new LinkedHashSet<>(all);
    assertThat(first).hasSize(EVENTS + 1);
    first.stream()
        .collect(groupingBy(seq -> seq % PaperRelays.AGGREGATES))
        .forEach((aggregate, events) -> assertThat(events).isSorted());
  }
}
