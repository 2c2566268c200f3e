package io.outboxrelay.app;

import static io.outboxrelay.app.PaperRelays.published;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many events repeat after a relay is killed. */
class RepeatsAfterKillIT {
  private static final int PAGE = 10;
  private static final int READ_AHEAD = 50;
  private static final int EVENTS = 4_000;

  /**
   * The events that the broker confirms in a second: each aggregate has one event in flight, and a
   * confirm takes {@link PaperProvider#LATE_MILLIS}. The checkpoint is written ten times a second.
   */
  private static final int CONFIRMED_IN_A_SECOND =
      PaperRelays.AGGREGATES * 1_000 / PaperProvider.LATE_MILLIS;

  private final PaperRelays relays;

  RepeatsAfterKillIT(@TempDir Path folder) throws Exception {
    relays = new PaperRelays(folder);
  }

  @AfterEach
  void close() {
    relays.close();
  }

  @Test
  void areBoundedByTheReadAheadAndTheCheckpointInterval() throws Exception {
    var config =
        relays.config(
            "relay",
            relays.uri(),
            "relay.page-size: %d\nrelay.read-ahead: %d\nrelay.checkpoint-interval: 100ms"
                .formatted(PAGE, READ_AHEAD));
    relays.write(1, EVENTS);
    try (var killed = relays.run(config, "run")) {
      killed.awaitLine(published(EVENTS * 3 / 4));
      killed.kill();
      try (var next = relays.run(config, "run")) {
        next.awaitLine(published(EVENTS)).terminate().awaitExit(0);

        var repeated = new HashSet<>(published(next));
        assertThat(published(next)).as("each is published once by it").hasSize(repeated.size());
        repeated.retainAll(new HashSet<>(published(killed)));
        assertThat(repeated).hasSizeLessThanOrEqualTo(READ_AHEAD + PAGE + CONFIRMED_IN_A_SECOND);
      }
    }
  }
}
