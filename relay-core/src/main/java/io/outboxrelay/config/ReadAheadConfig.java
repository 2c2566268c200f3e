package io.outboxrelay.config;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * The bounds of the events that a shard has read and not yet recorded as confirmed. They limit the
 * memory that events take, and the number of events that are published again after a crash.
 *
 * @param pageEvents the highest number of events in a page
 * @param pageBytes approximate size of a page in bytes; one event may be larger
 * @param events the number of unconfirmed events at which no further page is read; the last page
 *     may exceed it
 * @param bytes the number of bytes of unconfirmed events at which no further page is read; the last
 *     page may exceed it
 * @param maxEventBytes largest size in bytes of an event's payload and of its headers; an event
 *     above it is rejected without being read
 * @param checkpointInterval time between two checkpoints while events are confirmed
 */
public record ReadAheadConfig(
    int pageEvents,
    long pageBytes,
    int events,
    long bytes,
    long maxEventBytes,
    Duration checkpointInterval) {

  static ReadAheadConfig from(Settings in) {
    var config =
        new ReadAheadConfig(
            in.number("page-size", 1000),
            in.size("page-bytes", 4L << 20),
            in.number("read-ahead", 10_000),
            in.size("read-ahead-bytes", 64L << 20),
            in.size("max-event-size", EventColumns.DEFAULT_MOST_BYTES),
            in.duration("checkpoint-interval", Duration.ofMillis(100)));
    config.check(in);
    return config;
  }

  private void check(Settings in) {
    in.require(
        pageEvents >= 1 && pageEvents <= 100_000, "page-size", "must be from 1 to 100000 events");
    in.require(pageBytes >= 1, "page-bytes", "must be at least 1B");
    in.require(events >= pageEvents, "read-ahead", "must be at least relay.page-size");
    in.require(bytes >= pageBytes, "read-ahead-bytes", "must be at least relay.page-bytes");
    in.require(
        maxEventBytes >= 1 << 10 && maxEventBytes <= 512L << 20,
        "max-event-size",
        "must be from 1KiB to 512MiB");
    in.require(checkpointInterval.toMillis() >= 1, "checkpoint-interval", "must be at least 1ms");
  }
}
