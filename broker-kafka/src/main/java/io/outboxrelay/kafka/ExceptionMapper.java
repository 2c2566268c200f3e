package io.outboxrelay.kafka;

import static org.apache.kafka.clients.producer.ProducerConfig.BATCH_SIZE_CONFIG;

import io.outboxrelay.format.ByteSizeFormat;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.PublishException.AccessDenied;
import io.outboxrelay.publish.PublishException.Fatal;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.PublishException.Retryable;
import io.outboxrelay.settings.SecretFileException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/**
 * Maps Kafka's exceptions to the {@link PublishException} that tells the relay what to do next,
 * each with a message for the operator.
 */
final class ExceptionMapper {
  private static final Pattern TOO_LARGE =
      Pattern.compile("is (\\d+) bytes .* larger than (\\d+), .* the ([a-z.]+) config.*");

  private static final Pattern LARGER_THAN_THE_BUFFER =
      Pattern.compile("is (\\d+) bytes .* larger than the total memory buffer .*");

  private final KafkaConfig config;

  ExceptionMapper(KafkaConfig config) {
    this.config = config;
  }

  /**
   * Maps the failure of one event. A failure that is not known to be final is {@link Retryable}.
   */
  PublishException of(Throwable failure, String topic, OutboxEvent event) {
    if (failure instanceof PublishException known) {
      return known;
    }
    if (failure instanceof RecordTooLargeException) {
      return new Rejected(tooLarge(failure, topic, event), failure);
    }
    if (failure instanceof RecordBatchTooLargeException) {
      return largerThanASegment(failure, topic, event);
    }
    if (failure instanceof InvalidTopicException) {
      return new Rejected(quoted(topic) + " cannot be the name of a topic", failure);
    }
    if (failure instanceof InvalidRecordException && config.routing().keyOf(event) == null) {
      return new Rejected(
          "the topic %s is compacted, so it takes no message without a key, and the event lacks the header that kafka.key names (%s)"
              .formatted(topic, config.routing().key()),
          failure);
    }
    if (failure instanceof InvalidRecordException
        || failure instanceof InvalidTimestampException
        || failure instanceof SerializationException) {
      return new Rejected("the topic " + topic + " does not accept it: " + text(failure), failure);
    }
    if (failure instanceof TopicAuthorizationException) {
      return denied(topic, failure);
    }
    if (failure instanceof BufferExhaustedException) {
      return new Retryable(
          "the producer's buffer is full (buffer.memory), because the brokers do not confirm in time",
          failure);
    }
    String result = isRefusal(failure) ? " refused the message" : " was not reached";
    return ofTheCluster(failure, "the topic " + topic + result);
  }

  /**
   * Maps a failure that concerns the whole cluster, so that no event can be published.
   *
   * @param otherwise the message for a failure that is none of the known ones
   */
  PublishException ofTheCluster(Throwable failure, String otherwise) {
    String at = "Kafka at " + config.address();
    if (failure instanceof AuthenticationException) {
      return new Fatal(at + " refuses the relay's credentials: " + text(failure), failure);
    }
    if (failure instanceof ClusterAuthorizationException) {
      return new Fatal(
          at + " does not allow the relay to write; grant IDEMPOTENT_WRITE on the cluster",
          failure);
    }
    if (failure instanceof UnsupportedVersionException) {
      return new Fatal(at + " is too old for this relay: " + text(failure), failure);
    }
    if (failure instanceof AuthorizationException) {
      return new Retryable(
          at + " does not let the relay describe it; grant DESCRIBE: " + text(failure), failure);
    }
    return new Retryable(otherwise + ": " + text(failure), failure);
  }

  /**
   * Maps a failure to create a client. The cause is that a property is invalid, a file cannot be
   * read, or no address can be resolved.
   */
  PublishException ofTheProperties(Throwable failure) {
    if (failure instanceof SecretFileException) {
      return new Fatal(
          "Kafka at " + config.address() + " is not contacted: " + failure.getMessage(), failure);
    }
    String text = text(rootOf(failure));
    if (rootOf(failure) instanceof NoSuchFileException missing) {
      text = "the file " + missing.getMessage() + " is not found";
    }
    if (rootOf(failure) instanceof AccessDeniedException denied) {
      text = "the file " + denied.getMessage() + " cannot be read: no permission";
    }
    if (text.contains("No resolvable bootstrap")) {
      return new Retryable("no address of " + config.address() + " can be resolved", failure);
    }
    return new Fatal("Kafka's client cannot be set up with the section kafka: " + text, failure);
  }

  /**
   * Returns true if the producer did not accept an event because its topic's metadata did not
   * arrive in time.
   */
  static boolean isUnknownTopic(Throwable failure) {
    return failure instanceof TimeoutException && !(failure instanceof BufferExhaustedException);
  }

  Retryable unknownTopic(String topic, Throwable failure) {
    return new Retryable(
        "the topic "
            + topic
            + " is not known at "
            + config.address()
            + ": create it, or see whether the brokers run",
        failure);
  }

  Retryable stalled(String topic) {
    return new Retryable(
        "Kafka has confirmed nothing for the topic "
            + topic
            + " for a while, though it did for others; see whether each partition has a leader and"
            + " enough replicas in sync",
        null);
  }

  /**
   * Returns the failure of a producer's unconfirmed events if the producer's credentials were
   * refused.
   */
  Retryable credentialsReplaced() {
    return new Retryable(
        "Kafka at "
            + config.address()
            + " refuses the credentials of this connection, so the relay reads the credentials"
            + " again and opens another one",
        null);
  }

  AccessDenied denied(String topic, @Nullable Throwable failure) {
    return new AccessDenied(
        "not allowed to write to the topic " + topic + "; grant WRITE on it", failure);
  }

  Retryable behindAFailure(String cause) {
    return new Retryable("was published behind an event that failed: " + cause, null);
  }

  Retryable closed() {
    return new Retryable("the publisher was closed before Kafka confirmed it", null);
  }

  private static String tooLarge(Throwable failure, String topic, OutboxEvent event) {
    var matcher = TOO_LARGE.matcher(text(failure));
    if (matcher.find()) {
      return "the message for topic %s of %s exceeds the limit of %s (%s)"
          .formatted(topic, size(matcher.group(1)), size(matcher.group(2)), matcher.group(3));
    }
    var larger = LARGER_THAN_THE_BUFFER.matcher(text(failure));
    if (larger.find()) {
      return "the message for topic %s of %s is larger than the producer's whole buffer (buffer.memory)"
          .formatted(topic, size(larger.group(1)));
    }
    return "the message with %s exceeds what the topic %s or its broker accepts (max.message.bytes, message.max.bytes)"
        .formatted(sizes(event), topic);
  }

  /**
   * Maps the refusal of a batch that is larger than a segment of its topic. If the event is larger
   * than a batch, it is alone in its batch, so it is rejected. Otherwise several events of normal
   * size are in the batch.
   */
  private PublishException largerThanASegment(Throwable failure, String topic, OutboxEvent event) {
    if (payloadBytes(event) + headerBytes(event) > config.producer().number(BATCH_SIZE_CONFIG)) {
      return new Rejected(
          "the message with %s exceeds the size of a segment of the topic %s (segment.bytes)"
              .formatted(sizes(event), topic),
          failure);
    }
    return new Retryable(
        "the producer's batches are larger than a segment of the topic %s (segment.bytes); set kafka.batch.size below it"
            .formatted(topic),
        failure);
  }

  /** Returns true if a broker has answered, so that another attempt gets the same answer. */
  private static boolean isRefusal(Throwable failure) {
    return failure instanceof ApiException && !(failure instanceof RetriableException);
  }

  private static String sizes(OutboxEvent event) {
    return "%s of payload and %s of headers"
        .formatted(ByteSizeFormat.of(payloadBytes(event)), ByteSizeFormat.of(headerBytes(event)));
  }

  private static long payloadBytes(OutboxEvent event) {
    var payload = event.payload();
    return payload == null ? 0 : payload.length();
  }

  private static long headerBytes(OutboxEvent event) {
    return event.headers().entrySet().stream()
        .mapToLong(header -> header.getKey().length() + header.getValue().length())
        .sum();
  }

  private static String size(String bytes) {
    return ByteSizeFormat.of(Long.parseLong(bytes));
  }

  /**
   * Returns the innermost cause. Kafka wraps the reason in exceptions that only name the operation.
   */
  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
