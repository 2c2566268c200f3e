package io.outboxrelay.chaos;

import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * What has arrived at the broker, read from its beginning, and whether it came in order.
 *
 * <p>The first arrival of every version has to come after the first arrivals of all versions below
 * it. What arrives once more is a repeat: it has to be the same event.
 */
final class ArrivalLog {
  static final int WINDOW_MILLIS = 200;

  private final RunLog runLog;
  private final Map<String, AggregateArrivals> tracks = new HashMap<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private long delivered;
  private long repeated;
  private long redelivered;
  private long window;
  private long thisWindow;
  private long peak;
  private long lastArrival;
  private long longestPause;

  ArrivalLog(RunLog runLog) {
    this.runLog = runLog;
  }

  /** Takes the next message of the destination, in the broker's order. */
  synchronized void arrived(ReceivedMessage message) {
    if (readTwice(message.properties())) {
      return;
    }
    var headers = message.headers();
    var body = new JsonObject(Objects.requireNonNull(message.payload(), "payload"));
    String aggregate = String.valueOf(headers.get("aggregate-id"));
    check(aggregate, body);
    long id = UUID.fromString(headers.get("event-id")).getMostSignificantBits() | 1;
    boolean again = "true".equals(message.properties().get("redelivered"));
    arrived(aggregate, body.getInteger("v"), id, again);
    count();
  }

  /** The consumer may have begun to read again; the broker numbers what it holds. */
  private boolean readTwice(Map<String, String> properties) {
    String offset = properties.get("offset");
    if (offset == null) {
      return false;
    }
    String partition = properties.get("topic") + " " + properties.get("partition");
    Long last = offsets.get(partition);
    boolean twice = last != null && Long.parseLong(offset) <= last;
    if (!twice) {
      offsets.put(partition, Long.parseLong(offset));
    }
    return twice;
  }

  private void check(String aggregate, JsonObject body) {
    if (body.getInteger("v") == EventWriter.UNDONE) {
      runLog.found("an event of " + aggregate + " arrived that was rolled back");
    }
    if (body.getString("text").length() != body.getInteger("size")) {
      runLog.found(
          "the payload of " + aggregate + " version " + body.getInteger("v") + " is spoilt");
    }
  }

  private void arrived(String aggregate, int version, long id, boolean again) {
    if (version < 1) {
      return;
    }
    var track = tracks.computeIfAbsent(aggregate, first -> new AggregateArrivals());
    if (track.has(version)) {
      repeated(aggregate, version, track.isSame(version, id), again);
      return;
    }
    if (version != track.highest() + 1) {
      runLog.found(
          "%s version %d arrived when the highest before it was %d"
              .formatted(aggregate, version, track.highest()));
    }
    track.add(version, id);
    delivered++;
  }

  private void repeated(String aggregate, int version, boolean same, boolean again) {
    if (!same) {
      runLog.found("%s version %d arrived with two ids".formatted(aggregate, version));
    }
    if (again) {
      redelivered++;
    } else {
      repeated++;
    }
  }

  private void count() {
    long now = runLog.millis();
    if (lastArrival > 0) {
      longestPause = Math.max(longestPause, now - lastArrival);
    }
    lastArrival = now;
    if (now / WINDOW_MILLIS != window) {
      window = now / WINDOW_MILLIS;
      thisWindow = 0;
    }
    peak = Math.max(peak, ++thisWindow);
  }

  /** Different events that have arrived. */
  synchronized long delivered() {
    return delivered;
  }

  /** Events that the relays published again. */
  synchronized long repeated() {
    return repeated;
  }

  /**
   * Messages that RabbitMQ handed out again, because it had lost the connection to the consumer.
   */
  synchronized long redelivered() {
    return redelivered;
  }

  /** The most arrivals within {@link #WINDOW_MILLIS}. */
  synchronized long peak() {
    return peak;
  }

  /** The longest time in milliseconds in which nothing arrived. */
  synchronized long longestPause() {
    return longestPause;
  }

  /** The highest version of an aggregate that has arrived; 0 for none. */
  synchronized int highest(String aggregate) {
    var track = tracks.get(aggregate);
    return track == null ? 0 : track.highest();
  }

  synchronized Map<String, Integer> highest() {
    var all = new HashMap<String, Integer>();
    tracks.forEach((aggregate, track) -> all.put(aggregate, track.highest()));
    return all;
  }
}
