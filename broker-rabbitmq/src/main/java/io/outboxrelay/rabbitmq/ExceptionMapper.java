package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import io.outboxrelay.format.ByteSizeFormat;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.PublishException.AccessDenied;
import io.outboxrelay.publish.PublishException.Fatal;
import io.outboxrelay.publish.PublishException.PartlyTaken;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.PublishException.Retryable;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Maps the client's exceptions and the broker's replies to the {@link
 * io.outboxrelay.publish.PublishException} that tells the relay what to do next, each with a
 * message for the operator.
 */
final class ExceptionMapper {
  private final RabbitConfig config;

  ExceptionMapper(RabbitConfig config) {
    this.config = config;
  }

  /** Maps a failure to connect. */
  PublishException ofConnecting(Throwable failure) {
    String at = "RabbitMQ at " + config.address();
    if (failure instanceof AuthenticationFailureException) {
      return new Fatal(
          at
              + " refuses the user "
              + config.username()
              + " or the password; see rabbitmq.username and"
              + " rabbitmq.password",
          failure);
    }
    if (cause(failure, CertificateException.class).isPresent()) {
      return new Fatal(
          "the certificate of %s is not trusted: %s; see rabbitmq.tls.ca"
              .formatted(at, text(failure)),
          failure);
    }
    var closed = cause(failure, ShutdownSignalException.class);
    if (closed.isPresent() && closed.get().getReason() instanceof AMQP.Connection.Close close) {
      return ofClosing(at, close, failure);
    }
    return new Retryable("no " + at + " answers: " + text(failure), failure);
  }

  /**
   * Maps a refused connection. A refusal because of a limit on the number of connections is
   * temporary.
   */
  private PublishException ofClosing(String at, AMQP.Connection.Close close, Throwable failure) {
    String words = close.getReplyText();
    if (close.getReplyCode() == AMQP.NOT_ALLOWED && !words.contains("limit")) {
      return new Fatal(
          "%s does not let the user %s use the virtual host %s: %s"
              .formatted(at, config.username(), config.virtualHost(), words),
          failure);
    }
    return new Retryable(at + " refuses the connection: " + words, failure);
  }

  Retryable connectionLost(Throwable failure) {
    return new Retryable(
        "the connection to RabbitMQ at %s was lost before the confirm: %s"
            .formatted(config.address(), text(failure)),
        failure);
  }

  /**
   * Returns the failure of all unconfirmed events if the broker closed the channel because of one
   * message.
   */
  Retryable channelClosed(String words) {
    return new Retryable("RabbitMQ closed the channel before the confirm: " + words, null);
  }

  /** Returns the failure of the unconfirmed events if the broker returned an unknown message. */
  static Retryable returnedUnknown() {
    return new Retryable(
        "the relay closed the connection before the confirm, because RabbitMQ returned a message"
            + " that is none of the unconfirmed ones",
        null);
  }

  /** Returns the failure of the only event that can have made the broker close the channel. */
  static Rejected refused(String words) {
    return new Rejected("RabbitMQ refuses it: " + words, null);
  }

  Retryable unconfirmed() {
    return new Retryable(
        "RabbitMQ at %s has not confirmed it within %d s (rabbitmq.confirm-timeout)"
            .formatted(config.address(), config.confirmTimeout().toSeconds()),
        null);
  }

  static Retryable closed() {
    return new Retryable("the publisher was closed before RabbitMQ confirmed it", null);
  }

  static Retryable alreadyClosed() {
    return new Retryable("the publisher is closed already", null);
  }

  /**
   * Returns the failure of a message that the broker did not take. If it was published through an
   * exchange with a name, some queues may have taken it.
   */
  static Retryable nacked(String exchange) {
    String words =
        "RabbitMQ did not take it (basic.nack): a queue that it goes to is full or has failed";
    return exchange.isEmpty()
        ? new Retryable(words, null)
        : new PartlyTaken(
            words + "; other queues of the exchange \"" + exchange + "\" may have taken it", null);
  }

  /** Returns the failure of a message that the user is not permitted to write. */
  AccessDenied denied(String words) {
    return new AccessDenied(
        "RabbitMQ does not permit it: %s; grant the user %s the permission to write, see rabbitmqctl"
                .formatted(words, config.username())
            + " set_permissions and set_topic_permissions",
        null);
  }

  static Rejected missingExchange(String exchange) {
    return new Rejected("the exchange \"" + exchange + "\" does not exist; declare it", null);
  }

  static Retryable notAsked(String exchange, Throwable failure) {
    return new Retryable(
        "RabbitMQ did not say whether the exchange \"%s\" exists: %s"
            .formatted(exchange, text(failure)),
        failure);
  }

  static Rejected unaskable(String exchange, IllegalArgumentException failure) {
    return new Rejected(
        "\"%s\" cannot be the name of an exchange: %s".formatted(exchange, text(failure)), failure);
  }

  static Rejected notWritten(IllegalArgumentException failure) {
    return new Rejected("it cannot be written as a message: " + text(failure), failure);
  }

  static Rejected tooLarge(long bytes, long limit) {
    return new Rejected(
        "its payload of %s exceeds the limit of %s (rabbitmq.max-message-size)"
            .formatted(ByteSizeFormat.of(bytes), ByteSizeFormat.of(limit)),
        null);
  }

  /**
   * Returns the broker's reply text if the broker closed the channel or the connection; otherwise
   * returns the reason why the connection was lost.
   */
  static String text(@Nullable Throwable failure) {
    if (failure == null) {
      return "for an unknown reason";
    }
    if (failure instanceof ShutdownSignalException signal) {
      return words(signal).orElseGet(() -> text(signal.getCause()));
    }
    if (failure instanceof TimeoutException) {
      return "it did not answer in time";
    }
    String message = failure.getMessage();
    if (message == null && failure.getCause() != null) {
      return text(failure.getCause());
    }
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  /**
   * Returns the reply text with which the channel or the connection was closed; empty if there is
   * none.
   */
  static Optional<String> words(ShutdownSignalException signal) {
    if (signal.getReason() instanceof AMQP.Channel.Close close) {
      return Optional.of(close.getReplyText());
    }
    return signal.getReason() instanceof AMQP.Connection.Close close
        ? Optional.of(close.getReplyText())
        : Optional.empty();
  }

  static <T extends Throwable> Optional<T> cause(@Nullable Throwable failure, Class<T> type) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    return Optional.empty();
  }
}
