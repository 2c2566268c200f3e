package io.outboxrelay.doorbell;

import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * The settings that decide when the relay looks for new events.
 *
 * @param pollInterval the time between looks if no rings can be received and there is little to
 *     read
 * @param fallbackInterval the time between looks of a relay that sleeps, in case a ring is missed
 * @param latencyTarget how long a committed event waits for a look at most; the relay looks this
 *     often if events are frequent, and waits for the doorbell otherwise
 * @param latencyLimit how long a committed event waits at most if the machine is fully used
 * @param selfTestInterval if no ring came for this long, the relay rings the doorbell itself, to
 *     prove that rings arrive
 */
public record DoorbellConfig(
    WakeupMode wakeup,
    Duration pollInterval,
    Duration fallbackInterval,
    Duration latencyTarget,
    Duration latencyLimit,
    Duration selfTestInterval) {

  /**
   * The default latency limit. With two fully used cores, the slowest event still takes well below
   * 100 ms.
   */
  private static final Duration LATENCY_LIMIT = Duration.ofMillis(40);

  private static final Duration LONGEST_TARGET = Duration.ofSeconds(10);

  public static DoorbellConfig from(Settings in) {
    return from(in, WakeupMode.DOORBELL);
  }

  /**
   * @param usual the wake-up mode to use if the settings name none
   */
  public static DoorbellConfig from(Settings in, WakeupMode usual) {
    var target = in.duration("latency-target", Duration.ofMillis(3));
    var config =
        new DoorbellConfig(
            in.choice("wakeup", usual),
            in.duration("poll-interval", Duration.ofMillis(100)),
            in.duration("fallback-interval", Duration.ofSeconds(5)),
            target,
            in.duration(
                "latency-limit", target.compareTo(LATENCY_LIMIT) > 0 ? target : LATENCY_LIMIT),
            in.duration("self-test-interval", Duration.ofSeconds(30)));
    in.require(config.pollInterval.toMillis() >= 1, "poll-interval", "must be at least 1ms");
    in.require(
        config.fallbackInterval.toMillis() >= 1, "fallback-interval", "must be at least 1ms");
    in.require(
        target.toMillis() >= 1 && target.compareTo(LONGEST_TARGET) <= 0,
        "latency-target",
        "must be from 1ms to 10s");
    in.require(
        config.latencyLimit.compareTo(target) >= 0,
        "latency-limit",
        "must be at least relay.latency-target; with both equal, the relay looks as often on a full"
            + " machine as on an idle one");
    in.require(
        config.selfTestInterval.toSeconds() >= 1, "self-test-interval", "must be at least 1s");
    return config;
  }
}
