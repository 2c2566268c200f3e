package io.outboxrelay.health;

import io.outboxrelay.health.HealthReport.Part;
import java.time.Duration;
import java.util.List;

/**
 * Derives liveness. The relay is not live if one of its event loops is blocked, because only a
 * restart ends that.
 */
public final class LivenessEvaluator {
  /**
   * An event loop that has not run for this time counts as blocked. The time is longer than a pause
   * of the whole machine or the first loading of a class takes.
   */
  static final Duration SILENCE = Duration.ofSeconds(30);

  private LivenessEvaluator() {}

  /**
   * @param silence how long the most silent event loop has not run; see {@link RelayHealth#silence}
   */
  public static HealthReport live(Duration silence) {
    boolean runs = silence.compareTo(SILENCE) < 0;
    return new HealthReport(
        List.of(
            new Part(
                "event loops",
                runs,
                runs
                    ? "all run"
                    : "one has not run for %d s, so something blocks it; a restart ends that"
                        .formatted(silence.toSeconds()))));
  }
}
