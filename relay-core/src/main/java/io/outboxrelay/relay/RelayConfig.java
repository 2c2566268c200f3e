package io.outboxrelay.relay;

import io.outboxrelay.deadletter.RejectionPolicy;
import io.outboxrelay.dispatch.Backoff;
import io.outboxrelay.doorbell.DoorbellConfig;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * How the relay works: the sections {@code outbox} and {@code relay}.
 *
 * @param shards among how many the aggregates are divided; zero for as many as the outbox has
 * @param partitions verticles among which the aggregates are spread, each with a publisher of its
 *     own
 * @param pageEvents events read at a time, at most
 * @param pageBytes bytes read at a time, roughly; one event may be larger
 * @param readAheadEvents events read but not yet confirmed, at most a page above it
 * @param readAheadBytes their bytes, at most a page above it
 * @param checkpointInterval how far apart checkpoints are written while there is progress
 * @param answerTimeout how long nothing may be heard from the database before the relay stops
 *     publishing and begins again on new connections
 * @param leaseTimeout how long the database may hear nothing from an owner before it lets another
 *     have its shards; longer, so that the owner has stopped by then
 * @param stopTimeout how long a stop waits for what is in flight
 * @param retryAfter how long after a rejection a parked aggregate is tried again by itself; zero
 *     for never
 * @param deferAfter how long a destination may take nothing while others do, before its events are
 *     set aside until it does
 * @param deathsBeforeParking how often relays must have died with one event in flight, before that
 *     is rejected
 * @param maxEventBytes how many bytes payload or headers of an event may have; with more, it is
 *     rejected and not read
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
    Backoff retry,
    RejectionPolicy rejections,
    Duration retryAfter,
    Duration deferAfter,
    int deathsBeforeParking,
    long maxEventBytes) {

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
            new Backoff(
                in.duration("retry.first", Duration.ofMillis(50)),
                in.duration("retry.most", Duration.ofSeconds(1))),
            RejectionPolicy.from(in),
            in.duration("retry-after", Duration.ZERO),
            in.duration("defer-after", Duration.ofSeconds(2)),
            in.number("deaths-before-parking", 3),
            in.size("max-event-size", EventColumns.DEFAULT_MOST_BYTES));
    config.check(in);
    return config;
  }

  /** What becomes of events: all relays of one outbox must agree in it. */
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
    in.require(deathsBeforeParking >= 1, "deaths-before-parking", "must be at least 1");
    in.require(
        maxEventBytes >= 1 << 10 && maxEventBytes <= 512L << 20,
        "max-event-size",
        "must be from 1KiB to 512MiB");
    in.require(retry.first().toMillis() >= 1, "retry.first", "must be at least 1ms");
    in.require(
        retry.most().compareTo(retry.first()) >= 0, "retry.most", "must be at least retry.first");
  }
}
