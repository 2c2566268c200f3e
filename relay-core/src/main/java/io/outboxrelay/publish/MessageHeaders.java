package io.outboxrelay.publish;

/**
 * The names under which every message carries its event's columns, whatever the broker.
 *
 * <p>The event's own headers are copied to the message under their own names; where one has a name
 * of these, the relay's wins, so that a consumer can rely on them.
 */
public final class MessageHeaders {
  /** {@link OutboxEvent#id()} as text: what a consumer drops repeats by. */
  public static final String EVENT_ID = "event-id";

  public static final String EVENT_TYPE = "event-type";

  /** {@link OutboxEvent#createdAt()}, ISO 8601 in UTC. */
  public static final String EVENT_TIME = "event-time";

  /** {@link OutboxEvent#seq()} in decimal; grows within an aggregate, with gaps. */
  public static final String EVENT_SEQUENCE = "event-sequence";

  public static final String AGGREGATE_TYPE = "aggregate-type";
  public static final String AGGREGATE_ID = "aggregate-id";
  public static final String CONTENT_TYPE = "content-type";

  /** In a message that a replay sends again, which one it was; live ones do not have it. */
  public static final String EVENT_REPLAY = "event-replay";

  private MessageHeaders() {}
}
