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
  private static final String USER = "relay";
  private static final String LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule";
  private static final String PASSWORD = "relay-secret";

  private final String bootstrap;
  private final KafkaEndpoints endpoints;
  private final String version;

  /**
   * @param version name and, where it is known, version: a client is not told
   */
  KafkaServer(ServerRunner runner, KafkaEndpoints endpoints, String version) {
    super(runner);
    this.version = version;
    this.endpoints = endpoints;
    this.bootstrap = endpoints.plain();
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

  /**
   * As {@link #settings()}, for the listener with TLS, whose certificate these settings trust.
   *
   * @throws UnsupportedOperationException where the server is given by its address
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

  /** As {@link #passwordSettings(String)}, with the right password. */
  public Map<String, Object> passwordSettings() {
    return passwordSettings(PASSWORD);
  }

  /**
   * As {@link #settings()}, for the listener that wants user and password (SASL, PLAIN) and gets
   * this one.
   *
   * @throws UnsupportedOperationException where the server is given by its address
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
   * The proxies asked for with {@link Builder#detours}: a client whose {@code bootstrap.servers} is
   * 127.0.0.1 and a proxy's port talks to the broker through that proxy only.
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
          "Whether the server offers TLS or passwords is not known: it runs " + runner().kind());
    }
    return endpoints.ports();
  }

  @Override
  public String newDestination(Map<String, Object> options) {
    return new KafkaTopics(bootstrap).create(options);
  }

  /** Whether a second broker can join this one. */
  public boolean isLocal() {
    return runner() instanceof LocalRunner;
  }

  /**
   * Starts a second broker of the same cluster.
   *
   * @throws UnsupportedOperationException where {@link #isLocal} is false
   */
  public KafkaServer join() {
    var second = KafkaProcess.join(ports(), new KafkaTopics(bootstrap).clusterId());
    second.awaitFirstAnswer();
    return second;
  }

  /** Returns when so many brokers are alive, as their controller sees it. */
  public void awaitBrokers(int count) {
    new KafkaTopics(bootstrap).awaitBrokers(count);
  }

  /** Creates a topic under a name of the caller's. */
  public void createTopic(String name) {
    createTopic(name, Map.of());
  }

  /**
   * The same, with options as in {@link #newDestination(Map)}.
   *
   * @throws IllegalStateException where there is such a topic already, or the broker does not
   *     answer
   */
  public void createTopic(String name, Map<String, Object> options) {
    new KafkaTopics(bootstrap).create(name, options);
  }

  /** Lets the user of {@link #passwordSettings()} see a topic and do nothing else with it. */
  public void allowOnlyToDescribe(String topic) {
    new KafkaAcls(bootstrap, USER).allowOnlyToDescribe(topic);
  }

  /** Lets the same user not even see it. */
  public void allowNothing(String topic) {
    new KafkaAcls(bootstrap, USER).allowNothing(topic);
  }

  /** Takes back what the two others did. */
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
    private boolean rights;
    private int detours;

    private Builder() {}

    /** A line of server.properties, such as {@code auto.create.topics.enable}. */
    public Builder setting(String name, Object value) {
      settings.put(name, value.toString());
      return this;
    }

    /**
     * Whether a user may do something with a topic is looked at, as it can be denied then. Detours
     * want user and password.
     */
    public Builder withRights() {
      rights = true;
      settings.putAll(KafkaAcls.SETTINGS);
      return this;
    }

    /** Full speed and 1 GiB of heap, for benchmarks; by default it starts fast and stays small. */
    public Builder fast() {
      this.fast = true;
      return this;
    }

    /** As many more ways to the broker, each through a {@link FaultProxy} of its own. */
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

    /** What the listener for passwords knows. */
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
