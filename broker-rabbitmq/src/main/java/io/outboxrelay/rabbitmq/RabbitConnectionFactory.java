package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.SocketConfigurators;
import com.rabbitmq.client.impl.DefaultExceptionHandler;
import com.rabbitmq.client.impl.FrameHandlerFactory;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.settings.SecretFileException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Configures the RabbitMQ client for one connection. */
final class RabbitConnectionFactory extends ConnectionFactory {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitConnectionFactory.class);
  private static final String NAME = "outbox-relay";

  private final RabbitConfig config;
  private @Nullable Socket socket;
  private @Nullable BatchingFrameHandler frames;

  /**
   * Reads the files of the password and the certificates, so that this connection uses renewed
   * files. Blocks while it reads them.
   *
   * @throws PublishException.Fatal if one of the files cannot be used
   */
  RabbitConnectionFactory(Vertx vertx, RabbitConfig config) {
    this.config = config;
    var connection = config.connection();
    setChannelRpcTimeout((int) connection.timeout().toMillis());
    connection.properties().applyTo(this);
    setUsername(config.username());
    setPassword(password(config));
    setVirtualHost(config.virtualHost());
    setConnectionTimeout((int) connection.timeout().toMillis());
    setRequestedHeartbeat((int) connection.heartbeat().toSeconds());
    // Recovery would hide which events were unconfirmed when the connection was lost.
    setAutomaticRecoveryEnabled(false);
    setExceptionHandler(new QuietAboutLostConnections());
    setThreadFactory(RabbitConnectionFactory::newThread);
    setSocketConfigurator(
        SocketConfigurators.defaultConfigurator().andThen(created -> socket = created));
    connection.tls().ifPresent(tls -> encrypt(tls, vertx));
  }

  private static String password(RabbitConfig config) {
    try {
      return config.connection().login().password().value();
    } catch (SecretFileException e) {
      throw new PublishException.Fatal(
          "RabbitMQ at " + config.address() + " is not contacted: " + e.getMessage(), e);
    }
  }

  private void encrypt(RabbitTls tls, Vertx vertx) {
    useSslProtocol(tls.context(vertx));
    if (tls.verifyHostname()) {
      enableHostnameVerification();
    }
  }

  private static Thread newThread(Runnable task) {
    var thread = new Thread(task, "rabbitmq-connection");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Connects to the first node that answers. For each node that it tries, blocks until the node
   * answers or the attempt times out.
   */
  Connection connect() {
    try {
      return newConnection(config.connection().uri().addresses(), NAME);
    } catch (IOException | TimeoutException e) {
      throw new ExceptionMapper(config).ofConnecting(e);
    }
  }

  /**
   * Returns the frame handler of the connection.
   *
   * @throws IllegalStateException before {@link #connect}
   */
  BatchingFrameHandler frames() {
    if (frames == null) {
      throw new IllegalStateException("there is no connection yet");
    }
    return frames;
  }

  @Override
  protected synchronized FrameHandlerFactory createFrameHandlerFactory() throws IOException {
    var factory = super.createFrameHandlerFactory();
    return (address, name) -> {
      var handler = factory.create(address, name);
      if (socket == null) {
        throw new IOException("the client has opened no socket");
      }
      frames = new BatchingFrameHandler(handler, socket);
      return frames;
    };
  }

  /**
   * Logs lost connections at debug level only, because the failures of the events report the loss
   * of their connection.
   */
  private static final class QuietAboutLostConnections extends DefaultExceptionHandler {
    @Override
    public void handleUnexpectedConnectionDriverException(Connection lost, Throwable exception) {
      LOG.debug("The connection was lost", exception);
    }
  }
}
