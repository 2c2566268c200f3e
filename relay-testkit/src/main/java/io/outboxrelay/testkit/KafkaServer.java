package io.outboxrelay.testkit;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/**
 * A Kafka broker that is its own controller.
 *
 * <p>{@code OUTBOX_TEST_KAFKA=host:port} names one that runs already.
 */
public final class KafkaServer extends RunningService implements TestBroker {
  private final String bootstrap;
  private final String version;

  /**
   * @param version name and, where it is known, version: a client is not told
   */
  KafkaServer(Runner runner, String bootstrap, String version) {
    super(runner);
    this.version = version;
    this.bootstrap = bootstrap;
  }

  /** The server that the tests of this JVM share; started on first use, ended with the JVM. */
  public static KafkaServer shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final KafkaServer SERVER = start();
  }

  /** A server of the caller's own, to break and to close. */
  public static KafkaServer start() {
    return builder().start();
  }

  public static Builder builder() {
    return new Builder();
  }

  public String host() {
    return bootstrap.substring(0, bootstrap.lastIndexOf(':'));
  }

  public int port() {
    return Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1));
  }

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("bootstrap.servers", bootstrap);
  }

  @Override
  public String newDestination(Map<String, Object> options) {
    return new KafkaTopics(bootstrap).create(options);
  }

  @Override
  public List<Message> consume(String destination, int count, Duration timeout) {
    return new KafkaTopics(bootstrap).read(destination, count, timeout);
  }

  @Override
  public Subscription subscribe(String destination, Consumer<Message> handler) {
    return new KafkaSubscription(bootstrap, destination, handler);
  }

  @Override
  String answer() throws IOException, ExecutionException, InterruptedException {
    // The client would warn at length of a port that is not open yet.
    new Socket(host(), port()).close();
    var patience = Math.toIntExact(Duration.ofSeconds(5).toMillis());
    Map<String, Object> client =
        Map.of(
            "bootstrap.servers", bootstrap,
            "default.api.timeout.ms", patience,
            "request.timeout.ms", patience);
    try (var admin = Admin.create(client)) {
      if (admin.describeCluster().nodes().get().isEmpty()) {
        throw new KafkaException("The broker has not registered with its controller yet.");
      }
      return version;
    }
  }

  /** What the server is started with; a server given by its address ignores all of it. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private boolean fast;

    private Builder() {}

    /** A line of server.properties, such as {@code auto.create.topics.enable}. */
    public Builder setting(String name, Object value) {
      settings.put(name, value.toString());
      return this;
    }

    /** Full speed and 1 GiB of heap, for benchmarks; by default it starts fast and stays small. */
    public Builder fast() {
      this.fast = true;
      return this;
    }

    /** Starts the server; returns when it answers. */
    public KafkaServer start() {
      var server = choose();
      server.awaitFirstAnswer();
      return server;
    }

    private KafkaServer choose() {
      var given = System.getenv("OUTBOX_TEST_KAFKA");
      if (given != null) {
        return new KafkaServer(new GivenRunner("OUTBOX_TEST_KAFKA"), given, "Kafka");
      }
      return Containers.available()
          ? KafkaContainer.start(settings, fast)
          : KafkaProcess.start(settings, fast);
    }
  }
}
