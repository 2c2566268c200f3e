package io.outboxrelay.publish;

import org.jspecify.annotations.Nullable;

/**
 * The reason why an event was not published; the subtype decides how the relay reacts.
 *
 * <p>The message is a phrase for an operator that says what was observed and what was expected. The
 * relay adds the event and the consequence. No stack trace is recorded, because an outage creates
 * thousands of these exceptions, and the place in the code tells an operator nothing.
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
   * Publish again after a pause: the broker does not let the relay write to the destination. The
   * event is not rejected, because an operator can grant the permission again. The relay counts the
   * refusal in a metric that has an alert.
   */
  public static final class AccessDenied extends Retryable {
    public AccessDenied(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Publish again after a pause that grows to minutes: one queue refused the event, but others may
   * have taken it, so each further attempt may leave one more copy in those queues.
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
