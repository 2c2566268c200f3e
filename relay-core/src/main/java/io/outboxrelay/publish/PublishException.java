package io.outboxrelay.publish;

import org.jspecify.annotations.Nullable;

/**
 * Why an event was not published, named after what the relay does about it.
 *
 * <p>The message is a sentence for an operator: what was seen, what was expected. The relay adds
 * which event it was and what happens now. No stack trace is taken: these are outcomes, not bugs,
 * and an outage makes thousands of them.
 */
public abstract sealed class PublishException extends RuntimeException {
  private PublishException(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }

  /** Publish again after a pause: the broker may accept it later. Never uses up an attempt. */
  public static final class Retryable extends PublishException {
    public Retryable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Move to the dead letters and carry on: the broker will never accept this event. */
  public static final class Rejected extends PublishException {
    public Rejected(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Stop this relay and say so: it can publish nothing, as when credentials are refused. */
  public static final class Fatal extends PublishException {
    public Fatal(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
