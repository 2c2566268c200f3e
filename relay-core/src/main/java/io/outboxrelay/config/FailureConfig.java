package io.outboxrelay.config;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.deadletter.RejectionPolicy;
import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * The handling of an event that cannot be published: when it is tried again, deferred or rejected.
 *
 * @param backoff the pauses between attempts while the broker or the database is unavailable
 * @param retryAfter time after a rejection until a parked aggregate is redelivered automatically;
 *     zero for never
 * @param deferAfter how long an event may fail while events of other destinations are confirmed,
 *     before its destination's events are deferred
 * @param crashesBeforeRejection the number of crashes with the same event in flight after which the
 *     event is rejected
 */
public record FailureConfig(
    Backoff backoff,
    RejectionPolicy rejections,
    Duration retryAfter,
    Duration deferAfter,
    int crashesBeforeRejection) {

  static FailureConfig from(Settings in) {
    var config =
        new FailureConfig(
            new Backoff(
                in.duration("retry.initial-delay", Duration.ofMillis(50)),
                in.duration("retry.max-delay", Duration.ofSeconds(1))),
            RejectionPolicy.from(in),
            in.duration("retry-after", Duration.ZERO),
            in.duration("defer-after", Duration.ofSeconds(2)),
            in.number("crashes-before-rejection", 3));
    config.check(in);
    return config;
  }

  private void check(Settings in) {
    in.require(crashesBeforeRejection >= 1, "crashes-before-rejection", "must be at least 1");
    in.require(backoff.first().toMillis() >= 1, "retry.initial-delay", "must be at least 1ms");
    in.require(
        backoff.most().compareTo(backoff.first()) >= 0,
        "retry.max-delay",
        "must be at least retry.initial-delay");
  }
}
