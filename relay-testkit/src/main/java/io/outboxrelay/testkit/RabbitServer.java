package io.outboxrelay.testkit;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A RabbitMQ node with the user {@code guest} and the password {@code guest}.
 *
 * <p>{@code OUTBOX_TEST_RABBITMQ=amqp://user:password@host:port} names a node that runs already.
 */
public final class RabbitServer extends RunningService implements TestBroker {
  private final String uri;
  private final RabbitEndpoints endpoints;
  private final Function<List<String>, String> control;
  private final RabbitQueues queues = new RabbitQueues(this);

  /**
   * @param control runs rabbitmqctl with the given arguments, and returns its output
   */
  RabbitServer(
      ServerRunner runner, RabbitEndpoints endpoints, Function<List<String>, String> control) {
    super(runner);
    this.endpoints = endpoints;
    this.uri = endpoints.uri();
    this.control = control;
  }

  /**
   * Returns the server that the tests of this JVM share. It is started at the first call, and ends
   * with the JVM.
   */
  public static RabbitServer shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final RabbitServer SERVER = start();
  }

  /** Starts a server for the caller alone, which may break it and must close it. */
  public static RabbitServer start() {
    return builder().start();
  }

  public static Builder builder() {
    return new Builder();
  }

  public String host() {
    return URI.create(uri).getHost();
  }

  public int port() {
    int port = URI.create(uri).getPort();
    return port < 0 ? ConnectionFactory.DEFAULT_AMQP_PORT : port;
  }

  @Override
  public String name() {
    return "rabbitmq";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("uri", uri);
  }

  /**
   * Returns the URI of the TLS listener.
   *
   * @throws UnsupportedOperationException if the server is given by its address
   */
  public String tlsUri() {
    return known(endpoints.tlsUri());
  }

  /**
   * Returns the server's self-signed certificate for {@code localhost} and 127.0.0.1, as PEM.
   *
   * @throws UnsupportedOperationException if the server is given by its address
   */
  public Path certificate() {
    return known(endpoints.certificate());
  }

  private <T> T known(@Nullable T detail) {
    if (detail == null) {
      throw new UnsupportedOperationException(
          "TLS cannot be used, because the test kit did not start the server: it runs "
              + runner().kind());
    }
    return detail;
  }

  @Override
  public String newDestination(Map<String, Object> options) {
    return queues.create(options);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Removes the messages from the queue and keeps them for the next call, so a queue read in
   * this way must have no other consumer.
   */
  @Override
  public List<ReceivedMessage> consume(String destination, int count, Duration timeout) {
    return queues.read(destination, count, timeout);
  }

  /**
   * {@inheritDoc}
   *
   * <p>After an outage, the broker delivers again all messages that were not acknowledged. These
   * messages have the property {@code redelivered}.
   */
  @Override
  public Subscription subscribe(String destination, Consumer<ReceivedMessage> handler) {
    return new RabbitSubscription(this, destination, handler);
  }

  /**
   * Declares a durable exchange that routes by the whole routing key. If it exists, nothing
   * changes.
   */
  public void createExchange(String name) {
    new RabbitExchanges(this).create(name, BuiltinExchangeType.DIRECT);
  }

  /** Declares a durable exchange that routes by patterns such as {@code order.#}. */
  public void createTopicExchange(String name) {
    new RabbitExchanges(this).create(name, BuiltinExchangeType.TOPIC);
  }

  /** Routes messages with this routing key from an exchange to a queue; both must exist. */
  public void bind(String queue, String exchange, String routingKey) {
    new RabbitExchanges(this).bind(queue, exchange, routingKey);
  }

  /**
   * Runs rabbitmqctl for this node and returns its output. For example, {@code
   * control("set_vm_memory_high_watermark", "0")} blocks every publisher.
   *
   * @throws UnsupportedOperationException if the server is given by its address
   */
  public String control(String... arguments) {
    return control.apply(List.of(arguments));
  }

  /** Opens a connection without automatic recovery; the caller closes it. */
  Connection connect() throws IOException, TimeoutException {
    var factory = new ConnectionFactory();
    factory.setAutomaticRecoveryEnabled(false);
    try {
      factory.setUri(uri);
    } catch (GeneralSecurityException | URISyntaxException e) {
      throw new IllegalStateException("OUTBOX_TEST_RABBITMQ should be an amqp:// address", e);
    }
    return factory.newConnection("relay-testkit");
  }

  /**
   * {@inheritDoc}
   *
   * <p>First waits, for up to a second, until the queues created by {@link #newDestination} are
   * saved to disk. RabbitMQ confirms messages before that, and would lose the queue and its
   * messages.
   */
  @Override
  public void kill() {
    queues.awaitNoted();
    super.kill();
  }

  @Override
  String answer() throws IOException, TimeoutException {
    try (var connection = connect()) {
      return "RabbitMQ " + connection.getServerProperties().get("version");
    }
  }

  /** The options of a server. A server given by its address ignores all of them. */
  public static final class Builder {
    private static final String VARIABLE = "OUTBOX_TEST_RABBITMQ";
    private static final String VERSION = "outbox.test.rabbitmq.version";
    private final Map<String, String> settings = new LinkedHashMap<>();

    private @Nullable Integer major = Integer.getInteger(VERSION);

    private Builder() {}

    /**
     * Selects a major version. The default is that of the system property {@code
     * outbox.test.rabbitmq.version}; without that property, any version will do.
     */
    public Builder version(int wanted) {
      major = wanted;
      return this;
    }

    /** Sets a line of rabbitmq.conf, such as {@code max_message_size}. */
    public Builder setting(String name, Object value) {
      settings.put(name, value.toString());
      return this;
    }

    /** Starts the server; returns when it answers. */
    public RabbitServer start() {
      var server = choose();
      server.awaitFirstAnswer();
      return server;
    }

    private RabbitServer choose() {
      var given = System.getenv(VARIABLE);
      if (given != null) {
        return new RabbitServer(
            new ExternalServer(VARIABLE), new RabbitEndpoints(given, null, null), Builder::refuse);
      }
      return ContainerEngine.orElse(
          () -> RabbitContainer.start(major, settings), () -> RabbitProcess.start(major, settings));
    }

    private static String refuse(List<String> arguments) {
      throw new UnsupportedOperationException(
          "The server is given by its address, and rabbitmqctl works only on the machine of the server.");
    }
  }
}
