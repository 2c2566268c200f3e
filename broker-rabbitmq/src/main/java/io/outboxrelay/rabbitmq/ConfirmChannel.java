package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.outboxrelay.publish.PublishException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to RabbitMQ with one channel in confirm mode. If the connection or the channel is
 * lost, both are closed for good, and all unconfirmed events fail, normally as {@link
 * PublishException.Retryable}. The {@link ConfirmTracker} receives the outcomes: confirms, nacks,
 * and returns of messages that no queue takes.
 *
 * <p>It uses the RabbitMQ client directly. The RabbitMQ client of Vert.x supports neither mandatory
 * messages nor returns, and its future of a confirm may never complete.
 *
 * <p>One thread publishes; the client's thread reports the outcomes.
 */
final class ConfirmChannel {
  private static final Logger LOG = LoggerFactory.getLogger(ConfirmChannel.class);
  private static final int CLOSE_MILLIS = 2_000;
  private static final Set<Integer> REFUSALS =
      Set.of(AMQP.CONTENT_TOO_LARGE, AMQP.ACCESS_REFUSED, AMQP.NOT_FOUND, AMQP.PRECONDITION_FAILED);

  private final Vertx vertx;
  private final RabbitConfig config;
  private final ExceptionMapper failures;
  private final Runnable ready;
  private final Connection connection;
  private final BatchingFrameHandler frames;
  private final Channel channel;
  private final ExchangeInspector exchanges;
  private final ConfirmTracker outcomes;
  private final DeniedAddresses denied;
  private final AtomicBoolean lost = new AtomicBoolean();
  private volatile boolean blocked;
  private volatile @Nullable LoneAttempt alone;
  private volatile long unblockedAt = System.nanoTime();

  /**
   * An open connection, its only channel, and the handler that writes the frames of both. They are
   * closed together.
   */
  private record Transport(Connection connection, BatchingFrameHandler frames, Channel channel) {}

  private ConfirmChannel(
      Vertx vertx,
      RabbitConfig config,
      PoisonMessageBisector suspects,
      DeniedAddresses denied,
      Runnable ready,
      Transport transport) {
    this.vertx = vertx;
    this.config = config;
    this.ready = ready;
    this.connection = transport.connection();
    this.frames = transport.frames();
    this.channel = transport.channel();
    this.denied = denied;
    failures = new ExceptionMapper(config);
    exchanges = new ExchangeInspector(connection);
    outcomes = new ConfirmTracker(suspects, ready);
  }

  /**
   * Connects; blocks, for a few seconds at most.
   *
   * @param ready called when a delivery that {@link #admits} has refused may be published, and when
   *     the connection is lost
   * @throws PublishException if no connection can be opened
   */
  static ConfirmChannel open(
      Vertx vertx,
      RabbitConfig config,
      PoisonMessageBisector suspects,
      DeniedAddresses denied,
      Runnable ready) {
    var factory = new RabbitConnectionFactory(vertx, config);
    var connection = factory.connect();
    try {
      var channel = openChannel(connection);
      var transport = new Transport(connection, factory.frames(), channel);
      var opened = new ConfirmChannel(vertx, config, suspects, denied, ready, transport);
      opened.listen();
      return opened;
    } catch (IOException | ShutdownSignalException e) {
      connection.abort(CLOSE_MILLIS);
      throw new ExceptionMapper(config).ofConnecting(e);
    }
  }

  /**
   * Opens a channel in confirm mode; blocks until the broker has answered.
   *
   * @throws IOException also if the connection has no channel left, because the client returns null
   *     then
   */
  static Channel openChannel(Connection connection) throws IOException {
    var channel = connection.createChannel();
    if (channel == null) {
      throw new IOException("the connection has no channel left");
    }
    channel.confirmSelect();
    return channel;
  }

  private void listen() {
    channel.addConfirmListener(outcomes::confirmed, outcomes::nacked);
    channel.addReturnListener(outcomes.unroutable(this::loseByUnidentified));
    connection.addBlockedListener(this::blocked, this::unblocked);
    channel.addShutdownListener(this::closed);
    connection.addShutdownListener(this::closed);
  }

  ExchangeInspector exchanges() {
    return exchanges;
  }

  boolean isLost() {
    return lost.get();
  }

  /**
   * Returns true if the delivery may be published now. If it returns false, {@code ready} is called
   * when the delivery may be published, or when the connection is lost.
   */
  boolean admits(PendingPublish delivery) {
    return !blocked && !lost.get() && outcomes.admits(delivery);
  }

  /**
   * Publishes a message, which may stay buffered until {@link #flush}. Blocks while the broker does
   * not read.
   *
   * @throws PublishException.Rejected if the client cannot write the message
   */
  void publish(PendingPublish delivery, RabbitMessage message) {
    if (!outcomes.add(delivery)) {
      throw failures.connectionLost(connection.getCloseReason());
    }
    try {
      frames.gather(() -> publish(message));
    } catch (IllegalArgumentException e) {
      // The client throws this exception before it writes, so the broker does not count the
      // message.
      outcomes.takeBack();
      throw ExceptionMapper.notWritten(e);
    } catch (ShutdownSignalException e) {
      closed(e);
    } catch (IOException e) {
      lose(failures.connectionLost(e));
    }
  }

  private void publish(RabbitMessage message) throws IOException {
    channel.basicPublish(
        message.exchange(),
        message.routingKey(),
        true,
        message.properties(),
        message.body().getBytes());
  }

  /**
   * Publishes a message for an address that the broker has refused before, on a channel of its own.
   * If another such message is in flight or was published just before, the message fails at once.
   *
   * @param words the words with which the broker refused the address
   */
  void publishAlone(PendingPublish delivery, RabbitMessage message, String words) {
    if (!denied.beginTry()) {
      delivery.failed(failures.denied(words));
      return;
    }
    var attempt = new LoneAttempt(failures, denied, this::aside, delivery, message);
    alone = attempt;
    attempt.start(connection);
  }

  static void abort(Channel channel) {
    try {
      channel.abort();
    } catch (IOException e) {
      LOG.debug("A channel could not be closed", e);
    }
  }

  void flush() {
    try {
      frames.flush();
    } catch (IOException e) {
      lose(failures.connectionLost(e));
    }
  }

  private void blocked(String reason) {
    blocked = true;
    LOG.warn(
        "RabbitMQ at {} takes no messages for now ({}); publishing waits until it does",
        config.address(),
        reason);
  }

  private void unblocked() {
    unblockedAt = System.nanoTime();
    blocked = false;
    LOG.info("RabbitMQ at {} takes messages again", config.address());
    ready.run();
  }

  /**
   * Handles the loss of the connection or the channel. It is called by the client's thread and by a
   * failed attempt to publish; only the first call has an effect.
   */
  private void closed(ShutdownSignalException signal) {
    if (signal.getReason() instanceof AMQP.Channel.Close close
        && !signal.isInitiatedByApplication()
        && isRefusal(close)) {
      loseBy(close.getReplyText());
    } else {
      lose(failures.connectionLost(signal));
    }
  }

  /** Returns true if the broker closed the channel because of one message. */
  static boolean isRefusal(AMQP.Channel.Close close) {
    return REFUSALS.contains(close.getReplyCode());
  }

  private void loseBy(String refusal) {
    if (lost.compareAndSet(false, true)) {
      if (DeniedAddresses.isMissingPermission(refusal)) {
        outcomes.failDenied(refusal, denied, failures);
      } else {
        outcomes.failByOne(ExceptionMapper.refused(refusal), failures.channelClosed(refusal));
      }
      aside(() -> connection.abort(CLOSE_MILLIS));
      ready.run();
    }
  }

  /**
   * Closes the connection because the broker returned a message that is none of the unconfirmed
   * ones. The events are published again a few at a time, until the returned message is the only
   * unconfirmed one; then its event is rejected.
   */
  private void loseByUnidentified(PublishException.Rejected refusal) {
    if (lost.compareAndSet(false, true)) {
      LOG.warn(
          "RabbitMQ at {} returned a message that is none of the unconfirmed ones ({}); the relay"
              + " connects again and publishes the unconfirmed events in smaller groups, until it"
              + " knows the event of that message",
          config.address(),
          refusal.getMessage());
      outcomes.failByOne(refusal, ExceptionMapper.returnedUnknown());
      aside(() -> connection.abort(CLOSE_MILLIS));
      ready.run();
    }
  }

  /** Closes the connection and fails all unconfirmed events. */
  void lose(PublishException.Retryable failure) {
    if (lost.compareAndSet(false, true)) {
      outcomes.fail(failure);
      aside(
          () -> {
            frames.close();
            connection.abort(CLOSE_MILLIS);
          });
      ready.run();
    }
  }

  /**
   * Runs the task on a worker thread, because neither the client's thread nor the event loop may
   * wait for a socket.
   */
  private void aside(Runnable task) {
    vertx.executeBlocking(
        () -> {
          task.run();
          return task;
        },
        false);
  }

  /**
   * Closes the connection if an event has waited longer than the confirm timeout. Nothing is closed
   * while the broker blocks publishers, nor within one timeout after it has unblocked them.
   */
  void loseIfOverdue() {
    long now = System.nanoTime();
    long limit = config.confirmTimeout().toNanos();
    boolean patient = blocked || now - unblockedAt < limit;
    if (!patient && (isOverdue(now, limit) || isAloneOverdue(now, limit))) {
      lose(failures.unconfirmed());
    }
  }

  private boolean isOverdue(long now, long limit) {
    return outcomes.since().filter(since -> now - since > limit).isPresent();
  }

  private boolean isAloneOverdue(long now, long limit) {
    var attempt = alone;
    return attempt != null && !attempt.isOver() && now - attempt.sentAt() > limit;
  }

  /** Closes the connection; unconfirmed events fail. Blocks, for a few seconds at most. */
  void close() {
    lost.set(true);
    outcomes.fail(ExceptionMapper.closed());
    connection.abort(CLOSE_MILLIS);
  }
}
