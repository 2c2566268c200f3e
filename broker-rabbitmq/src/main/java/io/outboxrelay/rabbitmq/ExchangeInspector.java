package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.outboxrelay.publish.PublishException;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks if exchanges and queues exist, on a channel of its own. Publishing to an exchange that
 * does not exist makes the broker close the channel, and that would fail all unconfirmed messages.
 *
 * <p>For one thread; blocks while it asks the broker.
 */
final class ExchangeInspector {
  private static final String DEFAULT = "";

  /**
   * The maximum number of remembered exchanges. If it is reached, they are all forgotten and looked
   * up again.
   */
  private static final int MOST = 10_000;

  private final Connection connection;
  private final Set<String> found = new HashSet<>(Set.of(DEFAULT));
  private final Set<String> missing = new HashSet<>();
  private @Nullable Channel aside;

  ExchangeInspector(Connection connection) {
    this.connection = connection;
  }

  /**
   * Forgets which exchanges are missing, so that the broker is asked again. They may have been
   * declared since.
   */
  void forgetMissing() {
    missing.clear();
  }

  /**
   * Returns true if the exchange exists. An exchange that was found is not looked up again on this
   * connection. Also returns true if the user is not permitted to look the exchange up: some
   * versions of RabbitMQ demand the permission to configure an exchange for a look-up. If such an
   * exchange does not exist, the broker refuses the message.
   */
  boolean exists(String exchange) throws IOException {
    if (found.contains(exchange)) {
      return true;
    }
    if (missing.contains(exchange)) {
      return false;
    }
    boolean exists = mayExist(exchange);
    if (found.size() >= MOST) {
      found.clear();
      found.add(DEFAULT);
    }
    (exists ? found : missing).add(exchange);
    return exists;
  }

  private boolean mayExist(String exchange) throws IOException {
    try {
      return answers(channel -> channel.exchangeDeclarePassive(exchange));
    } catch (IOException | ShutdownSignalException e) {
      if (isClosedWith(AMQP.ACCESS_REFUSED, e)) {
        return true;
      }
      throw e;
    }
  }

  boolean queueExists(String queue) throws IOException {
    return answers(channel -> channel.queueDeclarePassive(queue));
  }

  private interface Question {
    void ask(Channel channel) throws IOException;
  }

  private boolean answers(Question question) throws IOException {
    try {
      question.ask(channel());
      return true;
    } catch (IOException | ShutdownSignalException e) {
      aside = null;
      if (isClosedWith(AMQP.NOT_FOUND, e)) {
        return false;
      }
      throw e;
    }
  }

  private Channel channel() throws IOException {
    var channel = aside;
    if (channel == null) {
      channel = connection.createChannel();
      if (channel == null) {
        throw new IOException("the connection has no channel left");
      }
      aside = channel;
    }
    return channel;
  }

  private static boolean isClosedWith(int code, Throwable failure) {
    return ExceptionMapper.cause(failure, ShutdownSignalException.class)
        .filter(signal -> signal.getReason() instanceof AMQP.Channel.Close)
        .map(signal -> (AMQP.Channel.Close) signal.getReason())
        .filter(close -> close.getReplyCode() == code)
        .isPresent();
  }

  /**
   * Fails if the exchange cannot be used.
   *
   * @throws PublishException.Rejected if the exchange does not exist, or cannot have this name
   * @throws PublishException.Retryable if the broker does not answer
   */
  void require(String exchange) {
    try {
      if (!exists(exchange)) {
        throw ExceptionMapper.missingExchange(exchange);
      }
    } catch (IllegalArgumentException e) {
      throw ExceptionMapper.unaskable(exchange, e);
    } catch (IOException | ShutdownSignalException e) {
      throw ExceptionMapper.notAsked(exchange, e);
    }
  }
}
