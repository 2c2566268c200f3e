package io.outboxrelay.demo;

import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.relay.RelayServers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One run: orders are written and their events consumed while the relay runs; then both sides are
 * compared.
 */
final class DemoRun {
  private static final Duration UNTIL_NOTHING_MORE_COMES = Duration.ofSeconds(30);
  private static final Duration UNTIL_REPEATS_WOULD_SHOW = Duration.ofMillis(500);

  /** Writers that reach this share of the requested rate count as having kept it. */
  private static final double NEARLY = 0.98;

  private final DeliveryVerifier ledger = new DeliveryVerifier();
  private final RelayServers servers;
  private final DemoRelayProcess relay;
  private final StopRequest stop;
  private final ProgressDisplay screen;

  DemoRun(RelayServers servers, DemoRelayProcess relay, StopRequest stop, ProgressDisplay screen) {
    this.servers = servers;
    this.relay = relay;
    this.stop = stop;
    this.screen = screen;
  }

  /**
   * Writes for this time or until a stop is requested; then stops the relay.
   *
   * @return true if each event arrived once and in order, and the relay ended with exit code 0
   */
  boolean run(int rate, long seconds) throws InterruptedException, SQLException {
    try (var arriving = servers.broker().subscribe(servers.destination(), this::consume)) {
      announce(rate);
      write(rate, TimeUnit.SECONDS.toNanos(seconds));
      awaitDelivery();
      int code = relay.stop();
      ledger.awaitQuiet(UNTIL_REPEATS_WOULD_SHOW);
      return conclude(DemoWriters.connections(rate), code);
    }
  }

  private void announce(int rate) {
    screen.say(
        """

        %d connections write %d transactions a second; Ctrl-C ends it.
        Latency is from commit to consumer, after the first %d s.
        """
            .formatted(DemoWriters.connections(rate), rate, DeliveryVerifier.WARM_UP.toSeconds()));
  }

  private void consume(ReceivedMessage message) {
    long now = System.nanoTime();
    ledger.arrived(OrderEvent.of(message), now);
  }

  private void write(int rate, long nanos) throws InterruptedException, SQLException {
    var writers = DemoWriters.start(servers.database(), rate, ledger);
    long start = System.nanoTime();
    try {
      for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
        var interval = Math.min(left, screen.interval().toNanos());
        if (stop.requestedWithin(interval) || writers.failed() || !relay.running()) {
          break;
        }
        screen.refresh(ledger.soFar());
      }
    } finally {
      writers.stop();
    }
    remarkOnRate(rate, System.nanoTime() - start);
  }

  /** Reports if the machine was too slow for the requested rate. */
  private void remarkOnRate(int rate, long nanos) {
    var figures = ledger.soFar();
    double expected = (double) rate * nanos / TimeUnit.SECONDS.toNanos(1);
    double written = figures.writes().transactions() + figures.writes().rolledBack();
    if (written < expected * NEARLY) {
      screen.say(
          "This machine wrote %d of the %d transactions a second it was asked for."
              .formatted(Math.round(rate * written / expected), rate));
    }
  }

  private void awaitDelivery() throws InterruptedException {
    while (!ledger.awaitAll(screen.interval()) && relay.running()) {
      var figures = ledger.soFar();
      screen.refresh(figures);
      if (figures.quiet().compareTo(UNTIL_NOTHING_MORE_COMES) > 0) {
        break;
      }
    }
    screen.refresh(ledger.soFar());
  }

  private boolean conclude(int connections, int relayCode) {
    var figures = ledger.atTheEnd();
    var proven = figures.prove() && relayCode == 0;
    screen.say("");
    if (relayCode != 0) {
      screen.say(relay.ended(relayCode));
    }
    screen.say((proven ? "Proved: " : "NOT proved: ") + figures.sentence(connections) + ".");
    return proven;
  }
}
