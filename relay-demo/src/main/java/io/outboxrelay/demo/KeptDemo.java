package io.outboxrelay.demo;

import io.outboxrelay.testkit.relay.RelayServers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;

/** The demo that stays up, with a writer, until it is asked to stop. */
final class KeptDemo {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private final RelayServers servers;
  private final DemoRelayProcess relay;
  private final StopRequest stop;
  private final ProgressDisplay screen;

  KeptDemo(RelayServers servers, DemoRelayProcess relay, StopRequest stop, ProgressDisplay screen) {
    this.servers = servers;
    this.relay = relay;
    this.stop = stop;
    this.screen = screen;
  }

  /**
   * Returns when a stop was requested, or the writer or the relay has ended by itself; stops both.
   *
   * @return true if writer and relay ran until the stop, and the relay ended with exit code 0
   */
  boolean run(int rate, LookAroundGuide guide) throws InterruptedException, SQLException {
    var counter = new TransactionCounter();
    var writers = DemoWriters.start(servers.database(), rate, counter);
    boolean goesOn = true;
    try {
      screen.say(guide.text(rate, ProcessHandle.current().pid()));
      while (goesOn && !stop.requestedWithin(BETWEEN_LOOKS.toNanos())) {
        goesOn = !writers.failed() && relay.running();
      }
    } finally {
      writers.stop();
    }
    if (!goesOn) {
      screen.say("The relay has ended, so the demo ends.");
    }
    int code = relay.stop();
    if (code != 0) {
      screen.say(relay.ended(code));
    }
    screen.say(
        String.format(
            Locale.ROOT,
            "Stopped: %,d transactions with %,d events were committed meanwhile.",
            counter.transactions(),
            counter.events()));
    return goesOn && code == 0;
  }
}
