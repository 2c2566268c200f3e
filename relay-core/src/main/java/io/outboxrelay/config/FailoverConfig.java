package io.outboxrelay.config;

import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * The time limits after which an owner of shards stops, or loses them to another relay.
 *
 * @param answerTimeout how long the database may be silent before the relay stops publishing and
 *     begins again on new connections
 * @param leaseTimeout how long an owner may be silent before the database releases the owner's
 *     shards; at least twice {@code answerTimeout}, so that the owner has stopped publishing by
 *     then
 * @param stopTimeout how long a stop waits for events in flight
 * @param yieldAfter how long an owner may fail to reach the broker before it gives its shards to a
 *     relay that can reach the broker
 */
public record FailoverConfig(
    Duration answerTimeout, Duration leaseTimeout, Duration stopTimeout, Duration yieldAfter) {

  static FailoverConfig from(Settings in) {
    var config =
        new FailoverConfig(
            in.duration("answer-timeout", Duration.ofSeconds(10)),
            in.duration("lease-timeout", Duration.ofSeconds(20)),
            in.duration("stop-timeout", Duration.ofSeconds(30)),
            in.duration("yield-after", Duration.ofSeconds(10)));
    config.check(in);
    return config;
  }

  private void check(Settings in) {
    in.require(answerTimeout.toMillis() >= 10, "answer-timeout", "must be at least 10ms");
    in.require(
        leaseTimeout.compareTo(answerTimeout.multipliedBy(2)) >= 0,
        "lease-timeout",
        "must be at least twice relay.answer-timeout");
    in.require(leaseTimeout.toSeconds() >= 6, "lease-timeout", "must be at least 6s");
    in.require(yieldAfter.toMillis() >= 100, "yield-after", "must be at least 100ms");
  }
}
