package io.outboxrelay.environment;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;

import io.outboxrelay.testkit.BrokerType;
import io.outboxrelay.testkit.JavaProcess;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestBroker;
import io.outboxrelay.testkit.relay.PackagedRelay;
import io.outboxrelay.testkit.relay.RelayConfigFile;
import io.outboxrelay.testkit.relay.RelayServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The running example: the servers, the relay and the service. {@link #close()} ends them in the
 * reverse order of their start.
 *
 * <p>For one thread at a time.
 */
public final class ExampleEnvironment implements AutoCloseable {
  private static final Path SERVICE = Path.of("examples", "employee-service", "target");
  private static final List<String> JVM = List.of("-Xmx512m", "-XX:+UseSerialGC");

  private final Path project;
  private final Path folder;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final TestBroker broker;
  private final PackagedRelay packaged;
  private JavaProcess relay;
  private final String service;

  private ExampleEnvironment(
      Path project, Path folder, BrokerType choice, int port, boolean fast, Consumer<String> say)
      throws IOException, InterruptedException {
    this.project = project;
    this.folder = Files.createDirectories(folder);
    try {
      var servers =
          RelayServers.start(
              PostgresServer::start, () -> fast ? choice.startFast() : choice.start());
      open.push(servers);
      broker = servers.broker();
      say.accept(servers.postgres().origin());
      say.accept(broker.origin());
      packaged =
          RelayConfigFile.write(folder.resolve("relay.yaml"), servers, "")
              .relay(project.resolve(PackagedRelay.JAR));
      packaged.init(folder.resolve("init.log"));
      var config = ServiceConfigFile.write(folder.resolve("employee-service.json"), servers, port);
      var program = startService(config);
      open.push(program::stop);
      relay = startRelay();
      open.push(() -> relay.stop());
      service = address(program.awaitLine("ready at http://", PATIENCE));
      awaitLeading();
    } catch (IOException | InterruptedException | RuntimeException e) {
      closeAll();
      throw e;
    }
  }

  /**
   * Starts everything; returns when the relay publishes and the service answers.
   *
   * @param project the root folder of the project, which must be built
   * @param folder gets the configurations and logs
   * @param port the port of the service; 0 for any free port
   * @param fast true to start the broker for speed, with more memory
   * @param say gets a line for each server that was started
   */
  public static ExampleEnvironment start(
      Path project, Path folder, BrokerType choice, int port, boolean fast, Consumer<String> say)
      throws IOException, InterruptedException {
    return new ExampleEnvironment(project, folder, choice, port, fast, say);
  }

  private JavaProcess startRelay() throws IOException {
    return packaged.process(JVM, List.of()).newLog(folder.resolve("relay.log")).start();
  }

  private void awaitLeading() throws InterruptedException {
    relay.awaitLine(" leading shard 0", PATIENCE);
  }

  private JavaProcess startService(ServiceConfigFile config) throws IOException {
    var target = project.resolve(SERVICE);
    var classPath =
        target.resolve("employee-service.jar")
            + ":"
            + Files.readString(target.resolve("class-path"));
    var words = new ArrayList<>(JVM);
    words.addAll(List.of("-cp", classPath, "io.outboxrelay.example.EmployeeServiceMain"));
    words.add(config.path().toString());
    return JavaProcess.java(words)
        .environment(config.environment())
        .newLog(folder.resolve("employee-service.log"))
        .start();
  }

  private static String address(String ready) {
    return ready.substring(ready.indexOf("http://"), ready.lastIndexOf('/'));
  }

  /** Returns the address of the service, such as {@code http://127.0.0.1:8080}. */
  public String service() {
    return service;
  }

  /** Returns the broker, so that a caller can stop or restart it. */
  public TestBroker broker() {
    return broker;
  }

  public Path folder() {
    return folder;
  }

  /**
   * Kills the relay and starts another, which publishes every event after the stored checkpoint
   * again.
   */
  public void replaceRelay() throws IOException, InterruptedException {
    relay.kill();
    relay = startRelay();
    awaitLeading();
  }

  /** Stops the relay and returns its exit code. */
  public int stopRelay() throws InterruptedException {
    return relay.stop();
  }

  /** Ends everything. A second call has no effect. */
  @Override
  public void close() {
    closeAll();
  }

  private void closeAll() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        System.err.println("Not everything could be ended: " + e.getMessage());
      }
    }
  }
}
