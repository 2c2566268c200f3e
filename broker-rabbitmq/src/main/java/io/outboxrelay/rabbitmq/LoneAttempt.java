package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Return;
import com.rabbitmq.client.ShutdownSignalException;
import io.outboxrelay.publish.PublishException;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Publishes one message on a channel of its own. It is used if the broker refused the previous
 * message for that address: if the broker refuses this message as well, it closes the channel, and
 * no other message must be on that channel.
 */
final class LoneAttempt {
  private final ExceptionMapper failures;
  private final DeniedAddresses denied;
  private final Executor aside;
  private final PendingPublish delivery;
  private final RabbitMessage message;
  private final AtomicBoolean over = new AtomicBoolean();

  /**
   * @param aside runs a task that may block
   */
  LoneAttempt(
      ExceptionMapper failures,
      DeniedAddresses denied,
      Executor aside,
      PendingPublish delivery,
      RabbitMessage message) {
    this.failures = failures;
    this.denied = denied;
    this.aside = aside;
    this.delivery = delivery;
    this.message = message;
  }

  /** Publishes the message; blocks while the channel is opened. */
  void start(Connection connection) {
    delivery.sent();
    try {
      var channel = ConfirmChannel.openChannel(connection);
      listen(channel);
      channel.basicPublish(
          message.exchange(),
          message.routingKey(),
          true,
          message.properties(),
          message.body().getBytes());
    } catch (IllegalArgumentException e) {
      fail(ExceptionMapper.notWritten(e));
    } catch (ShutdownSignalException e) {
      closed(e);
    } catch (IOException e) {
      fail(failures.connectionLost(e));
    }
  }

  boolean isOver() {
    return over.get();
  }

  long sentAt() {
    return delivery.sentAt();
  }

  private void listen(Channel channel) {
    channel.addReturnListener(this::returned);
    channel.addConfirmListener(
        (tag, multiple) -> confirmed(channel), (tag, multiple) -> nacked(channel));
    channel.addShutdownListener(this::closed);
  }

  private void returned(Return returned) {
    delivery.refused(UnroutableMessageListener.rejection(returned));
  }

  private void confirmed(Channel channel) {
    if (end()) {
      denied.remove(message.exchange(), message.routingKey());
      delivery.confirmed();
      close(channel);
    }
  }

  private void nacked(Channel channel) {
    fail(ExceptionMapper.nacked(message.exchange()));
    close(channel);
  }

  /**
   * Fails the event if the broker or the connection has closed the channel. If the relay closes the
   * channel after the attempt, the event has its outcome already, so this call has no effect.
   */
  private void closed(ShutdownSignalException signal) {
    if (signal.getReason() instanceof AMQP.Channel.Close close
        && !signal.isInitiatedByApplication()) {
      fail(refusal(close));
    } else {
      fail(failures.connectionLost(signal));
    }
  }

  private PublishException refusal(AMQP.Channel.Close close) {
    String words = close.getReplyText();
    if (DeniedAddresses.isMissingPermission(words)) {
      return failures.denied(words);
    }
    return ConfirmChannel.isRefusal(close)
        ? ExceptionMapper.refused(words)
        : failures.channelClosed(words);
  }

  private void fail(PublishException failure) {
    if (end()) {
      delivery.failed(failure);
    }
  }

  private boolean end() {
    boolean first = over.compareAndSet(false, true);
    if (first) {
      denied.tried();
    }
    return first;
  }

  private void close(Channel channel) {
    aside.execute(() -> ConfirmChannel.abort(channel));
  }
}
