package io.outboxrelay.publish;

import java.util.function.Function;

/** Where an event goes, asked of what may have no answer. */
public final class DestinationLookup {
  private DestinationLookup() {}

  /**
   * Asks {@code destination}, see {@link Broker#destination}, but answers with an empty text where
   * an event has none.
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
