package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;

/** Runs RabbitMQ in a container of the official image. */
final class RabbitContainer {
  private static final int PORT = 5672;

  private RabbitContainer() {}

  static RabbitServer start(Map<String, String> settings) {
    int port = Ports.free();
    var container =
        new GenericContainer<>("rabbitmq:4")
            // The node's name holds it, and its data belongs to the name.
            .withCreateContainerCmdModifier(create -> create.withHostName("rabbitmq"))
            .withCopyToContainer(
                Transferable.of(configuration(settings)), "/etc/rabbitmq/conf.d/90-test.conf");
    var runner = new ContainerRunner(container, port, PORT, Workspace.create("rabbitmq"));
    runner.start();
    return new RabbitServer(
        runner, "amqp://127.0.0.1:" + port, arguments -> control(container, arguments));
  }

  private static String configuration(Map<String, String> settings) {
    // The port is published on the loopback interface only, but connections come from outside the
    // container.
    return settings.entrySet().stream()
        .map(line -> line.getKey() + " = " + line.getValue() + "\n")
        .collect(Collectors.joining("", "loopback_users.guest = false\n", ""));
  }

  private static String control(GenericContainer<?> container, List<String> arguments) {
    var command = new ArrayList<>(List.of("rabbitmqctl"));
    command.addAll(arguments);
    try {
      var result = container.execInContainer(command.toArray(String[]::new));
      if (result.getExitCode() != 0) {
        throw new IllegalStateException(
            "rabbitmqctl %s ended with exit code %d; it wrote:%n%s"
                .formatted(arguments, result.getExitCode(), result.getStderr()));
      }
      return result.getStdout();
    } catch (IOException e) {
      throw new UncheckedIOException("Could not run rabbitmqctl in the container", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while running rabbitmqctl", e);
    }
  }
}
