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
 * <p>{@code OUTBOX_TEST_KAFKA=host:port} names a broker that runs already.
 */
public final class KafkaServer extends RunningService implements TestBroker {
  private static final String USER = "relay";
  private static final String LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule";
  private static final String PASSWORD = "relay-secret";

  private final String bootstrap;
  private final KafkaEndpoints endpoints;
  private final String version;

  /**
   * @param version the name and, if it is known, the version of the server; Kafka does not tell
   *     clients its version
   */
  KafkaServer(ServerRunner runner, KafkaEndpoints endpoints, String version) {
    super(runner);
    this.version = version;
    this.endpoints = endpoints;
    this.bootstrap = endpoints.plain();
  }

  /**
   * Returns the server that the tests of this JVM share. It is started at the first call, and ends
   * with the JVM.
   */
  public static KafkaServer shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final KafkaServer SERVER = start();
  }

  /** Starts a server for the caller alone, which may break it and must close it. */
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

  /**
   * Returns the client settings for the TLS listener, with the listener's certificate as trusted.
   *
   * @throws UnsupportedOperationException if the server is given by its address
   */
  public Map<String, Object> tlsSettings() {
    return Map.of(
        "bootstrap.servers",
        KafkaEndpoints.local(ports().tls()),
        "security.protocol",
        "SSL",
        "ssl.truststore.type",
        "PEM",
        "ssl.truststore.location",
        String.valueOf(endpoints.certificate()));
  }

  /**
   * Returns the client settings for the listener that requires user and password, with the correct
   * password.
   */
  public Map<String, Object> passwordSettings() {
    return passwordSettings(PASSWORD);
  }

  /**
   * Returns the client settings for the listener that requires user and password (SASL, PLAIN),
   * with this password.
   *
   * @throws UnsupportedOperationException if the server is given by its address
   */
  public Map<String, Object> passwordSettings(String password) {
    return Map.of(
        "bootstrap.servers",
        KafkaEndpoints.local(ports().password()),
        "security.protocol",
        "SASL_PLAINTEXT",
        "sasl.mechanism",
        "PLAIN",
        "sasl.jaas.config",
        LOGIN + " required username=\"" + USER + "\" password=\"" + password + "\";");
  }

  /**
   * Returns the proxies that were requested with {@link Builder#detours}. If the {@code
   * bootstrap.servers} of a client are 127.0.0.1 and the port of a proxy, the client reaches the
   * broker only through that proxy.
   */
  public List<FaultProxy> detours() {
    return List.copyOf(endpoints.detours().proxies());
  }

  @Override
  public void close() {
    super.close();
    endpoints.detours().close();
  }

  private KafkaPorts ports() {
    if (endpoints.ports() == null) {
      throw new UnsupportedOperationException(
          "TLS and passwords cannot be used, because the test kit did not start the server: it runs "
              + runner().kind());
    }
    return endpoints.ports();
  }

  @Override
  public String newDestination(Map<String, Object> options) {
    return new KafkaTopics(bootstrap).create(options);
  }

  /** Returns true if a second broker can join this one. */
  public boolean isLocal() {
    return runner() instanceof LocalRunner;
  }

  /**
   * Starts a second broker of this cluster.
   *
   * @throws UnsupportedOperationException if the server is given by its address
   */
  public KafkaServer join() {
    var second = KafkaProcess.join(ports(), new KafkaTopics(bootstrap).clusterId());
    second.awaitFirstAnswer();
    return second;
  }

  /**
   * Waits until the cluster has exactly this number of brokers.
   *
   * @throws IllegalStateException if the cluster does not have this number within 60 seconds
   */
  public void awaitBrokers(int count) {
    new KafkaTopics(bootstrap).awaitBrokers(count);
  }

  /** Creates a topic with this name. */
  public void createTopic(String name) {
    createTopic(name, Map.of());
  }

  /**
   * Creates a topic with this name and options as in {@link #newDestination(Map)}.
   *
   * @throws IllegalStateException if the topic exists, or the broker does not answer
   */
  public void createTopic(String name, Map<String, Object> options) {
    new KafkaTopics(bootstrap).create(name, options);
  }

  /** Allows the user of {@link #passwordSettings()} only to describe a topic. */
  public void allowOnlyToDescribe(String topic) {
    new KafkaAcls(bootstrap, USER).allowOnlyToDescribe(topic);
  }

  /**
   * Removes all rights on a topic from the user of {@link #passwordSettings()}, including the right
   * to describe the topic.
   */
  public void allowNothing(String topic) {
    new KafkaAcls(bootstrap, USER).allowNothing(topic);
  }

  /** Ends the effect of {@link #allowOnlyToDescribe} and {@link #allowNothing}. */
  public void allowEverything(String topic) {
    new KafkaAcls(bootstrap, USER).allowEverything(topic);
  }

  @Override
  public List<ReceivedMessage> consume(String destination, int count, Duration timeout) {
    return new KafkaTopics(bootstrap).read(destination, count, timeout);
  }

  @Override
  public Subscription subscribe(String destination, Consumer<ReceivedMessage> handler) {
    return new KafkaSubscription(bootstrap, destination, handler);
  }

  @Override
  String answer() throws IOException, ExecutionException, InterruptedException {
    // If the port is not open yet, this attempt fails at once. The Kafka client would log many
    // warnings instead.
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

  /** The options of a server. A server given by its address ignores all of them. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private boolean fast;
    private boolean rights;
    private int detours;

    private Builder() {}

    /** Sets a line of server.properties, such as {@code auto.create.topics.enable}. */
    public Builder setting(String name, Object value) {
      settings.put(name, value.toString());
      return this;
    }

    /**
     * Turns authorization on, so that rights on topics can be denied. The listeners of {@link
     * #detours(int)} then require user and password.
     */
    public Builder withRights() {
      rights = true;
      settings.putAll(KafkaAcls.SETTINGS);
      return this;
    }

    /**
     * Starts the broker for full speed with 1 GiB of heap, for benchmarks. By default it starts
     * quickly and stays small.
     */
    public Builder fast() {
      this.fast = true;
      return this;
    }

    /**
     * Adds this number of listeners, each of which is reached through its own {@link FaultProxy}.
     */
    public Builder detours(int detours) {
      this.detours = detours;
      return this;
    }

    /** Starts the server; returns when it answers. */
    public KafkaServer start() {
      var server = choose();
      server.awaitFirstAnswer();
      return server;
    }

    /**
     * Returns the configuration of users and passwords for the listener that requires a password.
     */
    static String users() {
      return LOGIN + " required user_" + USER + "=\"" + PASSWORD + "\";";
    }

    private KafkaServer choose() {
      var given = System.getenv("OUTBOX_TEST_KAFKA");
      if (given != null) {
        var endpoints = new KafkaEndpoints(given, null, null, KafkaProxyListeners.none());
        return new KafkaServer(new ExternalServer("OUTBOX_TEST_KAFKA"), endpoints, "Kafka");
      }
      var ways = KafkaProxyListeners.of(detours, rights);
      return ContainerEngine.orElse(
          () -> KafkaContainer.start(settings, fast, ways),
          () -> KafkaProcess.start(settings, fast, ways));
    }
  }
}
