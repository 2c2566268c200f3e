package io.outboxrelay.publish;

import java.util.Set;

/**
 * The names of the message headers that hold the columns of an event, for all brokers.
 *
 * <p>The event's own headers are copied to the message under their own names. If one of them has a
 * name of {@link #OF_COLUMNS}, the relay's value replaces it, so that consumers can rely on these
 * headers. An own header with the name {@link #EVENT_REPLAY} is left out when the event is read.
 */
public final class MessageHeaders {
  /** {@link OutboxEvent#id()} as text, by which consumers recognize repeated messages. */
  public static final String EVENT_ID = "event-id";

  public static final String EVENT_TYPE = "event-type";

  /** {@link OutboxEvent#createdAt()}, ISO 8601 in UTC. */
  public static final String EVENT_TIME = "event-time";

  /** {@link OutboxEvent#seq()} in decimal; increases within an aggregate, with gaps. */
  public static final String EVENT_SEQUENCE = "event-sequence";

  public static final String AGGREGATE_TYPE = "aggregate-type";
  public static final String AGGREGATE_ID = "aggregate-id";
  public static final String CONTENT_TYPE = "content-type";

  /** The names of the headers that hold the event's columns. */
  public static final Set<String> OF_COLUMNS =
      Set.of(
          EVENT_ID,
          EVENT_TYPE,
          EVENT_TIME,
          EVENT_SEQUENCE,
          AGGREGATE_TYPE,
          AGGREGATE_ID,
          CONTENT_TYPE);

  /**
   * The number of the replay that sent this message; absent from messages that no replay has sent.
   */
  public static final String EVENT_REPLAY = "event-replay";

  private MessageHeaders() {}
}
