package io.outboxrelay.doorbell;

import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * The settings that decide when the relay looks for new events.
 *
 * @param pollInterval the time between looks if the doorbell cannot be heard
 * @param fallbackInterval the time between looks of a relay that sleeps, in case a ring is missed
 * @param linger how long the relay stays awake after the last event; while it is awake, writers
 *     need not ring, and the database serves some more looks
 * @param pace the shortest time from one look to the next; a longer time gathers more events into
 *     each look
 * @param paceLimit the longest that this time becomes if the database is busy
 * @param proofInterval after a silence this long, the relay rings the doorbell itself to prove that
 *     it is heard
 */
public record DoorbellConfig(
    WakeupMode wakeup,
    Duration pollInterval,
    Duration fallbackInterval,
    Duration linger,
    Duration pace,
    Duration paceLimit,
    Duration proofInterval) {

  /** With two fully used cores, the slowest event still takes well below 100 ms. */
  private static final Duration PACE_LIMIT = Duration.ofMillis(10);

  public static DoorbellConfig from(Settings in) {
    var pace = in.duration("pace", Duration.ofMillis(1));
    var config =
        new DoorbellConfig(
            in.choice("wakeup", WakeupMode.DOORBELL),
            in.duration("poll-interval", Duration.ofMillis(100)),
            in.duration("fallback-interval", Duration.ofSeconds(5)),
            in.duration("linger", Duration.ofMillis(20)),
            pace,
            in.duration("pace-limit", pace.compareTo(PACE_LIMIT) > 0 ? pace : PACE_LIMIT),
            in.duration("proof-interval", Duration.ofSeconds(30)));
    in.require(config.pollInterval.toMillis() >= 1, "poll-interval", "must be at least 1ms");
    in.require(
        config.fallbackInterval.toMillis() >= 1, "fallback-interval", "must be at least 1ms");
    in.require(
        config.paceLimit.compareTo(config.pace) >= 0,
        "pace-limit",
        "must be at least relay.pace; the same keeps the pace constant");
    in.require(config.proofInterval.toSeconds() >= 1, "proof-interval", "must be at least 1s");
    return config;
  }
}
