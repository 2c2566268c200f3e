package io.outboxrelay.publish;

import java.util.function.Function;

/** Looks up destinations for callers that do not fail if an event has no destination. */
public final class DestinationLookup {
  private DestinationLookup() {}

  /**
   * Returns a function that calls {@code destination}, see {@link Broker#destination}, and returns
   * an empty text if the event has no destination.
   */
  public static Function<OutboxEvent, String> emptyWhereNone(
      Function<OutboxEvent, String> destination) {
    return event -> {
      try {
        return destination.apply(event);
      } catch (PublishException.Rejected none) {
        return "";
      }
    };
  }
}
