package io.outboxrelay.inbox;

import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An event as it was received, whose id says whether it is a repeat.
 *
 * @param message whatever the consumer wants to find again in its effect
 * @param place what overtakes are noticed by; null where nobody wants to know
 */
public record InboxMessage<M>(M message, UUID id, @Nullable AggregatePosition place) {

  /** The event in a message of the relay's, told by its headers. */
  public static <M> InboxMessage<M> of(M message, UnaryOperator<@Nullable String> headers) {
    return new InboxMessage<>(message, id(headers), place(headers));
  }

  private static UUID id(UnaryOperator<@Nullable String> headers) {
    var id = headers.apply("event-id");
    try {
      return UUID.fromString(String.valueOf(id));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the header event-id is "
              + (id == null ? "missing" : "\"" + id + "\"")
              + ", but a UUID was expected; the message is none of the relay's",
          e);
    }
  }

  private static @Nullable AggregatePosition place(UnaryOperator<@Nullable String> headers) {
    var type = headers.apply("aggregate-type");
    var aggregate = headers.apply("aggregate-id");
    var sequence = headers.apply("event-sequence");
    if (type == null || aggregate == null || sequence == null) {
      return null;
    }
    try {
      return new AggregatePosition(type, aggregate, Long.parseLong(sequence));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the header event-sequence is \"%s\", but a whole number was expected; the message is none of the relay's"
              .formatted(sequence),
          e);
    }
  }
}
