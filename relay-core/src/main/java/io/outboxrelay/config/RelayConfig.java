package io.outboxrelay.config;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.deadletter.RejectionPolicy;
import io.outboxrelay.doorbell.DoorbellConfig;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.source.LogConfig;
import java.time.Duration;

/**
 * The settings of the sections {@code outbox} and {@code relay}.
 *
 * @param shards number of shards among which the aggregates are divided; zero for the number that
 *     the outbox has
 * @param partitions verticles among which a shard's aggregates are divided, each with a publisher
 *     of its own
 * @param pageEvents most events of a page
 * @param pageBytes approximate size of a page in bytes; one event may be larger
 * @param readAheadEvents most events read and not yet confirmed; may be exceeded by one page
 * @param readAheadBytes most bytes of such events; may be exceeded by one page
 * @param checkpointInterval time between two checkpoints while events are confirmed
 * @param answerTimeout silence of the database after which the relay stops publishing and begins
 *     again on new connections
 * @param leaseTimeout silence of an owner after which the database releases its shards; at least
 *     twice {@code answerTimeout}, so that the owner has stopped publishing by then
 * @param stopTimeout how long a stop waits for events in flight
 * @param yieldAfter how long the owner of shards may fail to reach the broker before it gives them
 *     to a relay that can reach it
 * @param retryAfter time after a rejection until a parked aggregate is redelivered automatically;
 *     zero for never
 * @param deferAfter how long a destination may refuse everything while others confirm, before its
 *     events are deferred
 * @param deathsBeforeParking number of crashes with the same event in flight after which it is
 *     rejected
 * @param maxEventBytes largest size in bytes of an event's payload and of its headers; an event
 *     above it is rejected without being read
 * @param log from which source events are read
 */
public record RelayConfig(
    OutboxConfig outbox,
    DoorbellConfig doorbell,
    int shards,
    int partitions,
    int pageEvents,
    long pageBytes,
    int readAheadEvents,
    long readAheadBytes,
    Duration checkpointInterval,
    Duration answerTimeout,
    Duration leaseTimeout,
    Duration stopTimeout,
    Duration yieldAfter,
    Backoff retry,
    RejectionPolicy rejections,
    Duration retryAfter,
    Duration deferAfter,
    int deathsBeforeParking,
    long maxEventBytes,
    LogConfig log) {

  public static RelayConfig from(Settings root) {
    var in = root.section("relay");
    var config =
        new RelayConfig(
            OutboxConfig.from(root),
            DoorbellConfig.from(in),
            in.number("shards", 0),
            in.number("partitions", 1),
            in.number("page-size", 1000),
            in.size("page-bytes", 4L << 20),
            in.number("read-ahead", 10_000),
            in.size("read-ahead-bytes", 64L << 20),
            in.duration("checkpoint-interval", Duration.ofMillis(100)),
            in.duration("answer-timeout", Duration.ofSeconds(10)),
            in.duration("lease-timeout", Duration.ofSeconds(20)),
            in.duration("stop-timeout", Duration.ofSeconds(30)),
            in.duration("yield-after", Duration.ofSeconds(10)),
            new Backoff(
                in.duration("retry.initial-delay", Duration.ofMillis(50)),
                in.duration("retry.max-delay", Duration.ofSeconds(1))),
            RejectionPolicy.from(in),
            in.duration("retry-after", Duration.ZERO),
            in.duration("defer-after", Duration.ofSeconds(2)),
            in.number("crashes-before-rejection", 3),
            in.size("max-event-size", EventColumns.DEFAULT_MOST_BYTES),
            LogConfig.from(in));
    config.check(in);
    return config;
  }

  /**
   * Returns the routing and the handling of rejected events as text. All relays of one outbox must
   * have the same.
   */
  public String configFingerprint(Broker broker) {
    return broker.route() + "; rejected: " + rejections;
  }

  private void check(Settings in) {
    in.require(
        shards >= 0 && shards <= ShardKey.MOST, "shards", "must be from 1 to " + ShardKey.MOST);
    in.require(partitions >= 1 && partitions <= 64, "partitions", "must be from 1 to 64");
    in.require(
        pageEvents >= 1 && pageEvents <= 100_000, "page-size", "must be from 1 to 100000 events");
    in.require(pageBytes >= 1, "page-bytes", "must be at least 1B");
    in.require(readAheadEvents >= pageEvents, "read-ahead", "must be at least relay.page-size");
    in.require(
        readAheadBytes >= pageBytes, "read-ahead-bytes", "must be at least relay.page-bytes");
    in.require(checkpointInterval.toMillis() >= 1, "checkpoint-interval", "must be at least 1ms");
    in.require(answerTimeout.toMillis() >= 10, "answer-timeout", "must be at least 10ms");
    in.require(
        leaseTimeout.compareTo(answerTimeout.multipliedBy(2)) >= 0,
        "lease-timeout",
        "must be at least twice relay.answer-timeout");
    in.require(leaseTimeout.toSeconds() >= 6, "lease-timeout", "must be at least 6s");
    in.require(yieldAfter.toMillis() >= 100, "yield-after", "must be at least 100ms");
    in.require(deathsBeforeParking >= 1, "crashes-before-rejection", "must be at least 1");
    in.require(
        maxEventBytes >= 1 << 10 && maxEventBytes <= 512L << 20,
        "max-event-size",
        "must be from 1KiB to 512MiB");
    in.require(retry.first().toMillis() >= 1, "retry.initial-delay", "must be at least 1ms");
    in.require(
        retry.most().compareTo(retry.first()) >= 0,
        "retry.max-delay",
        "must be at least retry.initial-delay");
  }
}
