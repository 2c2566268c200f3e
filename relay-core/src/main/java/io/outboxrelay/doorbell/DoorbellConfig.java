package io.outboxrelay.doorbell;

import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * When the relay looks for new events.
 *
 * @param pollInterval between looks where no bell can be heard
 * @param fallbackInterval between looks of a relay that sleeps on the bell, should one be missed
 * @param linger how long the relay stays awake after the last event; while awake it costs writers
 *     nothing and the database a few looks
 * @param pace the shortest time from one look to the next; gathers more events into each
 * @param proofInterval how long the bell may be silent before the relay rings it itself, to prove
 *     that it is heard
 */
public record DoorbellConfig(
    Wakeup wakeup,
    Duration pollInterval,
    Duration fallbackInterval,
    Duration linger,
    Duration pace,
    Duration proofInterval) {

  public static DoorbellConfig from(Settings in) {
    var config =
        new DoorbellConfig(
            in.choice("wakeup", Wakeup.DOORBELL),
            in.duration("poll-interval", Duration.ofMillis(100)),
            in.duration("fallback-interval", Duration.ofSeconds(5)),
            in.duration("linger", Duration.ofMillis(20)),
            in.duration("pace", Duration.ofMillis(1)),
            in.duration("proof-interval", Duration.ofSeconds(30)));
    in.require(config.pollInterval.toMillis() >= 1, "poll-interval", "must be at least 1ms");
    in.require(
        config.fallbackInterval.toMillis() >= 1, "fallback-interval", "must be at least 1ms");
    in.require(config.proofInterval.toSeconds() >= 1, "proof-interval", "must be at least 1s");
    return config;
  }
}
