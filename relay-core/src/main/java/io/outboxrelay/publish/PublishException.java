package io.outboxrelay.publish;

import org.jspecify.annotations.Nullable;

/**
 * The reason why an event was not published; each subtype is named after the relay's reaction.
 *
 * <p>The message is a sentence for an operator that says the observed and the expected. The relay
 * adds the event and the consequence. No stack trace is recorded, because these are outcomes and
 * not bugs, and an outage creates thousands of them.
 */
public abstract sealed class PublishException extends RuntimeException {
  private PublishException(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }

  /**
   * Publish again after a pause: the broker may accept the event later. Retries are not limited.
   */
  public static sealed class Retryable extends PublishException {
    public Retryable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Publish again after a pause: the broker does not let the relay write there. Permissions may be
   * taken away for a while, so the event is not lost to its aggregate. The relay counts the refusal
   * in a metric that has an alert.
   */
  public static final class AccessDenied extends Retryable {
    public AccessDenied(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Publish again after a pause that doubles up to minutes: the broker refused the event after some
   * of its queues may have taken it, so each further try may leave one more copy there.
   */
  public static final class PartlyTaken extends Retryable {
    public PartlyTaken(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Move to the dead letters and carry on: the broker will never accept this event. */
  public static final class Rejected extends PublishException {
    public Rejected(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Stop this relay: it can publish nothing, for example because credentials are refused. */
  public static final class Fatal extends PublishException {
    public Fatal(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
