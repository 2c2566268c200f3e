package io.outboxrelay.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.testkit.FreePorts;
import io.outboxrelay.testkit.JavaProcess;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipInputStream;

/**
 * Workers of Kafka Connect in distributed mode, each in a process of its own, with the plugin
 * archive of the build. The workers' own class path contains no class of the relay.
 */
final class ConnectCluster implements AutoCloseable {
  private static final Path ARCHIVE = Path.of("target/outbox-relay-connect.zip");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * Parts of the paths of libraries that only the plugin needs, and that the workers' class path
   * leaves out.
   */
  private static final List<String> OF_THE_PLUGIN =
      List.of(
          "/connect-source/target/",
          "/relay-core/",
          "/relay-testkit/",
          "/broker-kafka/",
          "/io/vertx/",
          "/io/netty/",
          "/io/micrometer/",
          "/io/prometheus/");

  private final String name = "connect-" + UUID.randomUUID();
  private final String bootstrap;
  private final boolean exactlyOnce;
  private final Path folder;
  private final Map<String, JavaProcess> workers = new LinkedHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();

  /** The answer of a worker. */
  record Answer(int status, String body) {
    JsonObject json() {
      return new JsonObject(body);
    }
  }

  private ConnectCluster(String bootstrap, boolean exactlyOnce, Path folder) {
    this.bootstrap = bootstrap;
    this.exactlyOnce = exactlyOnce;
    this.folder = folder;
  }

  /** Starts the workers, and returns when all serve requests. */
  static ConnectCluster start(String bootstrap, int workers, boolean exactlyOnce, Path folder)
      throws IOException {
    var cluster = new ConnectCluster(bootstrap, exactlyOnce, folder);
    unpack(folder.resolve("plugins"));
    for (int i = 0; i < workers; i++) {
      cluster.startWorker();
    }
    cluster.awaitWorkers();
    return cluster;
  }

  private static void unpack(Path into) throws IOException {
    try (var zip = new ZipInputStream(Files.newInputStream(ARCHIVE))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        var file = into.resolve(entry.getName());
        if (!entry.isDirectory()) {
          Files.createDirectories(file.getParent());
          Files.copy(zip, file);
        }
      }
    }
  }

  /** Starts one more worker; does not wait until it serves requests. */
  private void startWorker() throws IOException {
    int port = FreePorts.free();
    var properties = folder.resolve("worker-" + port + ".properties");
    Files.writeString(properties, properties(port));
    var process =
        JavaProcess.java(
                List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlogback.configurationFile=" + logging(),
                    "-cp",
                    classPath(),
                    "org.apache.kafka.connect.cli.ConnectDistributed",
                    properties.toString()))
            .newLog(folder.resolve("worker-" + port + ".log"))
            .start();
    workers.put("127.0.0.1:" + port, process);
  }

  private Path logging() throws IOException {
    return Files.writeString(
        folder.resolve("logback.xml"),
        """
        <configuration>
          <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
            <encoder><pattern>%d %-5level %logger{30} - %msg%n</pattern></encoder>
          </appender>
          <logger name="io.outboxrelay" level="info"/>
          <root level="warn"><appender-ref ref="out"/></root>
        </configuration>
        """);
  }

  private String properties(int port) {
    return Stream.of(
            "bootstrap.servers=" + bootstrap,
            "group.id=" + name,
            "key.converter=org.apache.kafka.connect.storage.StringConverter",
            "value.converter=org.apache.kafka.connect.converters.ByteArrayConverter",
            "config.storage.topic=" + name + "-configs",
            "offset.storage.topic=" + name + "-offsets",
            "status.storage.topic=" + name + "-status",
            "config.storage.replication.factor=1",
            "offset.storage.replication.factor=1",
            "status.storage.replication.factor=1",
            "offset.storage.partitions=1",
            "status.storage.partitions=1",
            "listeners=http://127.0.0.1:" + port,
            "rest.advertised.host.name=127.0.0.1",
            "rest.advertised.port=" + port,
            "plugin.path=" + folder.resolve("plugins").toAbsolutePath(),
            "plugin.discovery=service_load",
            "offset.flush.interval.ms=1000",
            "session.timeout.ms=6000",
            "heartbeat.interval.ms=500",
            "scheduled.rebalance.max.delay.ms=500",
            "exactly.once.source.support=" + (exactlyOnce ? "enabled" : "disabled"))
        .collect(Collectors.joining("\n"));
  }

  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .filter(entry -> OF_THE_PLUGIN.stream().noneMatch((entry + "/")::contains))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private void awaitWorkers() {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              for (var worker : workers.keySet()) {
                assertThat(send(worker, "GET", "/connectors", "").status()).isEqualTo(200);
              }
            });
  }

  /** Kills the worker that runs a task. */
  void killWorkerOf(String connector, int task) throws InterruptedException {
    var worker = workerOf(connector, task);
    workers.remove(worker).kill();
  }

  /** Returns the worker that runs a task. */
  String workerOf(String connector, int task) {
    return tasks(connector).getJsonObject(task).getString("worker_id");
  }

  private JsonArray tasks(String connector) {
    return request("GET", "/connectors/" + connector + "/status", "").json().getJsonArray("tasks");
  }

  /** Waits until this number of tasks run, none of them on a worker that has ended. */
  void awaitRunning(String connector, int count) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              var tasks = tasks(connector);
              assertThat(tasks).hasSize(count);
              for (int i = 0; i < count; i++) {
                var task = tasks.getJsonObject(i);
                assertThat(task.getString("state")).as(task.encode()).isEqualTo("RUNNING");
                assertThat(workers).containsKey(task.getString("worker_id"));
              }
            });
  }

  /** Creates or changes a connector; repeated while the workers are rebalancing. */
  Answer configure(String connector, Map<String, String> config) {
    return settled("PUT", "/connectors/" + connector + "/config", Json.encode(config));
  }

  /** Sends a request that a worker refuses (409) while the workers are rebalancing. */
  Answer settled(String method, String path, String body) {
    var answers = new ArrayList<Answer>();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              answers.add(request(method, path, body));
              return answers.get(answers.size() - 1).status() != 409;
            });
    return answers.get(answers.size() - 1);
  }

  Answer request(String method, String path, String body) {
    try {
      return send(workers.keySet().iterator().next(), method, path, body);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private Answer send(String worker, String method, String path, String body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + worker + path))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    var answer = http.send(request, BodyHandlers.ofString());
    return new Answer(answer.statusCode(), answer.body());
  }

  @Override
  public void close() throws InterruptedException {
    for (var worker : workers.values()) {
      worker.kill();
    }
  }
}
