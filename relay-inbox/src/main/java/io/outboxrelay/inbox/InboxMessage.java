package io.outboxrelay.inbox;

import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A received event; its id tells whether it is a repeat.
 *
 * @param message any object of the consumer; it is returned with the outcome
 * @param place the position in its aggregate, which {@link InboxOutcome#LATE} needs; null if the
 *     consumer does not need that outcome
 */
public record InboxMessage<M>(M message, UUID id, @Nullable AggregatePosition place) {

  /**
   * Returns the event of a message that the relay published, built from the headers of the message.
   *
   * @throws IllegalArgumentException if {@code event-id} is missing or no UUID, or if {@code
   *     event-sequence} is no whole number
   */
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
              + ", but a UUID was expected; the relay did not publish this message",
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
          "the header event-sequence is \"%s\", but a whole number was expected; the relay did not publish this message"
              .formatted(sequence),
          e);
    }
  }
}
