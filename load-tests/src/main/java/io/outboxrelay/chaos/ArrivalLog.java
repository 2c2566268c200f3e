package io.outboxrelay.chaos;

import io.outboxrelay.testkit.ArrivalLedger;
import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * Checks the messages that arrive at the broker, from its beginning: completeness, order and
 * repeats.
 *
 * <p>The first arrival of each version must come after the first arrivals of all lower versions. A
 * later arrival of a version is a repeat, and must have the id of the first.
 */
final class ArrivalLog {
  static final int WINDOW_MILLIS = 200;

  private final RunLog runLog;
  private final ArrivalLedger ledger = new ArrivalLedger();
  private final Map<String, Long> offsets = new HashMap<>();
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

  /** Records the next message of a destination, in the broker's order. */
  synchronized void arrived(ReceivedMessage message) {
    if (readTwice(message.properties())) {
      return;
    }
    var headers = message.headers();
    var body = new JsonObject(Objects.requireNonNull(message.payload(), "payload"));
    String aggregate = String.valueOf(headers.get("aggregate-id"));
    check(aggregate, body);
    var id = UUID.fromString(headers.get("event-id"));
    boolean again = "true".equals(message.properties().get("redelivered"));
    arrived(aggregate, body.getInteger("v"), id, again);
    count();
  }

  /**
   * Returns true if the consumer reads a Kafka record again, as its offset shows; this is not a
   * repeat by the relay.
   */
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
          "the payload of " + aggregate + " version " + body.getInteger("v") + " is damaged");
    }
  }

  private void arrived(String aggregate, int version, UUID id, boolean again) {
    if (version < 1) {
      return;
    }
    int before = ledger.highest(aggregate);
    switch (ledger.arrived(aggregate, version, id)) {
      case NEXT -> {}
      case AHEAD, OVERTAKEN ->
          runLog.found(
              "%s version %d arrived when the highest before it was %d"
                  .formatted(aggregate, version, before));
      case REPEATED -> countRepeat(again);
      case REPEATED_WITH_ANOTHER_ID -> {
        runLog.found("%s version %d arrived with two ids".formatted(aggregate, version));
        countRepeat(again);
      }
    }
  }

  private void countRepeat(boolean again) {
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

  /** Returns the number of different events that have arrived. */
  long delivered() {
    return ledger.delivered();
  }

  /** Returns the number of repeats that the relays caused. */
  synchronized long repeated() {
    return repeated;
  }

  /**
   * Returns the number of messages that RabbitMQ delivered again after it lost the connection to
   * the consumer.
   */
  synchronized long redelivered() {
    return redelivered;
  }

  /** Returns the most arrivals within {@link #WINDOW_MILLIS}. */
  synchronized long peak() {
    return peak;
  }

  /** Returns the longest time in milliseconds without an arrival. */
  synchronized long longestPause() {
    return longestPause;
  }

  /** Returns the highest version of an aggregate that has arrived; 0 if none has. */
  int highest(String aggregate) {
    return ledger.highest(aggregate);
  }

  Map<String, Integer> highest() {
    return ledger.highest();
  }
}
