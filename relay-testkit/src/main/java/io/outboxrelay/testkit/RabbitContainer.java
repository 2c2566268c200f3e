package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.MountableFile;

/** Runs RabbitMQ in a container of the official image. */
final class RabbitContainer {
  private static final int PORT = 5672;
  private static final int TLS_PORT = 5671;
  private static final String FOLDER = "/etc/rabbitmq/";

  // The user guest may log in from other hosts, because clients connect from outside the container.
  // The published ports are on the loopback interface only.
  private static final String SETTINGS =
      """
      loopback_users.guest = false
      listeners.tcp.default = 5672
      listeners.ssl.default = 5671
      ssl_options.certfile = /etc/rabbitmq/server.crt
      ssl_options.keyfile = /etc/rabbitmq/server.key
      """;

  private RabbitContainer() {}

  /**
   * @param major the major version; null for the newest
   */
  static RabbitServer start(@Nullable Integer major, Map<String, String> settings) {
    int port = FreePorts.free();
    int tlsPort = FreePorts.free();
    var workspace = TestWorkspace.create("rabbitmq");
    var certificate = ServerCertificate.create(workspace);
    var container =
        new GenericContainer<>("rabbitmq:" + (major == null ? 4 : major))
            // The container gets a fixed host name. The host name is part of the node's name, and
            // the node finds its data by its name.
            .withCreateContainerCmdModifier(create -> create.withHostName("rabbitmq"))
            .withCopyFileToContainer(readable(certificate.certificate()), FOLDER + "server.crt")
            .withCopyFileToContainer(readable(certificate.key()), FOLDER + "server.key")
            .withCopyToContainer(
                Transferable.of(SETTINGS + lines(settings)), FOLDER + "conf.d/90-test.conf");
    var runner = new ContainerRunner(container, Map.of(port, PORT, tlsPort, TLS_PORT), workspace);
    runner.start();
    return new RabbitServer(
        runner,
        RabbitEndpoints.local(port, tlsPort, certificate.certificate()),
        arguments -> control(container, arguments));
  }

  private static MountableFile readable(Path file) {
    return MountableFile.forHostPath(file, 0644);
  }

  private static String lines(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(line -> line.getKey() + " = " + line.getValue() + "\n")
        .collect(Collectors.joining());
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
