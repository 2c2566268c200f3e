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
 * A RabbitMQ node, on which the user {@code guest} has the password {@code guest}.
 *
 * <p>{@code OUTBOX_TEST_RABBITMQ=amqp://user:password@host:port} names one that runs already.
 */
public final class RabbitServer extends RunningService implements TestBroker {
  private final String uri;
  private final RabbitEndpoints endpoints;
  private final Function<List<String>, String> control;
  private final RabbitQueues queues = new RabbitQueues(this);

  /**
   * @param control runs rabbitmqctl with these arguments
   */
  RabbitServer(
      ServerRunner runner, RabbitEndpoints endpoints, Function<List<String>, String> control) {
    super(runner);
    this.endpoints = endpoints;
    this.uri = endpoints.uri();
    this.control = control;
  }

  /** The server that the tests of this JVM share; started on first use, ended with the JVM. */
  public static RabbitServer shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final RabbitServer SERVER = start();
  }

  /** A server of the caller's own, to break and to close. */
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
   * As the address in {@link #settings()}, for the listener with TLS.
   *
   * @throws UnsupportedOperationException where the server is given by its address
   */
  public String tlsUri() {
    return known(endpoints.tlsUri());
  }

  /**
   * The self-signed certificate the server shows, for {@code localhost} and 127.0.0.1, as PEM.
   *
   * @throws UnsupportedOperationException where the server is given by its address
   */
  public Path certificate() {
    return known(endpoints.certificate());
  }

  private <T> T known(@Nullable T detail) {
    if (detail == null) {
      throw new UnsupportedOperationException(
          "Whether the server offers TLS is not known: it runs " + runner().kind());
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
   * <p>Takes the messages out of the queue and remembers them for the next call, so a queue read in
   * this way should have no other consumer.
   */
  @Override
  public List<ReceivedMessage> consume(String destination, int count, Duration timeout) {
    return queues.read(destination, count, timeout);
  }

  /**
   * {@inheritDoc}
   *
   * <p>After an outage the broker delivers again what it has no acknowledgement for: those messages
   * have the property {@code redelivered}.
   */
  @Override
  public Subscription subscribe(String destination, Consumer<ReceivedMessage> handler) {
    return new RabbitSubscription(this, destination, handler);
  }

  /**
   * Declares a durable exchange that routes by the whole routing key; does nothing if it exists.
   */
  public void createExchange(String name) {
    new RabbitExchanges(this).create(name, BuiltinExchangeType.DIRECT);
  }

  /** Declares a durable exchange that routes by patterns such as {@code order.#}. */
  public void createTopicExchange(String name) {
    new RabbitExchanges(this).create(name, BuiltinExchangeType.TOPIC);
  }

  /** Has an exchange hand what has this routing key to a queue; both must exist. */
  public void bind(String queue, String exchange, String routingKey) {
    new RabbitExchanges(this).bind(queue, exchange, routingKey);
  }

  /**
   * Runs rabbitmqctl for this node and returns what it wrote, such as {@code
   * control("set_vm_memory_high_watermark", "0")}, which blocks every publisher.
   *
   * @throws UnsupportedOperationException where the server is given by its address
   */
  public String control(String... arguments) {
    return control.apply(List.of(arguments));
  }

  /** A connection of the caller's own, which does not recover by itself. */
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
   * <p>Waits first, up to a second, until the queues made by {@link #newDestination} are safe on
   * disk: RabbitMQ itself confirms messages earlier, and would lose both.
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

  /** What the server is started with; a server given by its address ignores all of it. */
  public static final class Builder {
    private static final String VARIABLE = "OUTBOX_TEST_RABBITMQ";
    private final Map<String, String> settings = new LinkedHashMap<>();

    private Builder() {}

    /** A line of rabbitmq.conf, such as {@code max_message_size}. */
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
          () -> RabbitContainer.start(settings), () -> RabbitProcess.start(settings));
    }

    private static String refuse(List<String> arguments) {
      throw new UnsupportedOperationException(
          "The server is given by its address, and rabbitmqctl needs to be where it runs.");
    }
  }
}
