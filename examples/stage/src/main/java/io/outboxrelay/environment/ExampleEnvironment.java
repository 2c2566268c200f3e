package io.outboxrelay.environment;

import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestBroker;
import io.outboxrelay.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The running example: the servers, the relay and the service. {@link #close()} ends them in the
 * reverse order of their start.
 *
 * <p>For one thread at a time.
 */
public final class ExampleEnvironment implements AutoCloseable {
  private static final Path RELAY = Path.of("relay-app", "target", "outbox-relay.jar");
  private static final Path SERVICE = Path.of("examples", "employee-service", "target");

  private final Path project;
  private final Path folder;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final TestBroker broker;
  private final TestDatabase database;
  private final ConfigFiles configurations;
  private JavaProgram relay;
  private final String service;

  private ExampleEnvironment(
      Path project, Path folder, BrokerType choice, int port, boolean fast, Consumer<String> say)
      throws IOException, InterruptedException {
    this.project = project;
    this.folder = Files.createDirectories(folder);
    try {
      var starting = CompletableFuture.supplyAsync(() -> choice.start(fast));
      var postgres = PostgresServer.start();
      open.push(postgres);
      broker = starting.join();
      open.push(broker);
      say.accept(postgres.origin());
      say.accept(broker.origin());
      database = postgres.createDatabase();
      configurations =
          ConfigFiles.write(folder, choice, database, broker, broker.newDestination(), port);
      init();
      var program = startService();
      open.push(program);
      relay = startRelay();
      open.push(() -> relay.stop());
      service = address(program.awaitReady());
      relay.awaitReady();
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

  private void init() throws IOException, InterruptedException {
    var init = relay(List.of("init"), "init.log", "created the outbox");
    init.awaitReady();
    init.awaitEnd();
  }

  private JavaProgram startRelay() throws IOException {
    return relay(List.of(), "relay.log", " leading shard 0");
  }

  private JavaProgram relay(List<String> command, String log, String readyMark) throws IOException {
    var arguments = new ArrayList<>(List.of("-jar", project.resolve(RELAY).toString()));
    arguments.addAll(command);
    arguments.addAll(List.of("-conf", configurations.relay().toString()));
    return JavaProgram.start(
        arguments, ConfigFiles.environment(database), folder.resolve(log), readyMark);
  }

  private JavaProgram startService() throws IOException {
    var target = project.resolve(SERVICE);
    var classPath =
        target.resolve("employee-service.jar")
            + ":"
            + Files.readString(target.resolve("class-path"));
    return JavaProgram.start(
        List.of(
            "-cp",
            classPath,
            "io.outboxrelay.example.EmployeeServiceMain",
            configurations.service().toString()),
        ConfigFiles.environment(database),
        folder.resolve("employee-service.log"),
        "ready at http://");
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
   * Kills the relay and starts another, which publishes again every event that it cannot know to be
   * delivered.
   */
  public void replaceRelay() throws IOException, InterruptedException {
    relay.kill();
    relay = startRelay();
    relay.awaitReady();
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
        System.err.println("Something did not end in good order: " + e.getMessage());
      }
    }
  }
}
