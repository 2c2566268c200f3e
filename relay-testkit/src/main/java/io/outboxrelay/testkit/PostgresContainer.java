package io.outboxrelay.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.MountableFile;

/** Runs a PostgreSQL server in a container of the official image. */
final class PostgresContainer {
  private static final int PORT = 5432;
  private static final int NEWEST = 17;

  /**
   * The script that starts the server. It copies the TLS files first, because the server must own
   * the file with its key.
   */
  private static final String START =
      """
      cp /tmp/server.crt /tmp/server.key /var/lib/postgresql/
      chown postgres /var/lib/postgresql/server.*
      chmod 600 /var/lib/postgresql/server.key
      exec docker-entrypoint.sh postgres "$@"
      """;

  private PostgresContainer() {}

  static PostgresServer start(Map<String, String> settings, @Nullable Integer major) {
    var address =
        new PostgresServer.Address(
            "127.0.0.1", FreePorts.free(), "postgres", UUID.randomUUID().toString());
    var workspace = TestWorkspace.create("postgresql");
    var certificate = ServerCertificate.create(workspace);
    var container =
        new GenericContainer<>("postgres:" + (major == null ? NEWEST : major))
            .withEnv("POSTGRES_PASSWORD", address.password())
            .withCopyFileToContainer(
                MountableFile.forHostPath(certificate.certificate()), "/tmp/server.crt")
            .withCopyFileToContainer(
                MountableFile.forHostPath(certificate.key()), "/tmp/server.key")
            // SIGINT stops the server without waiting until clients disconnect.
            .withCreateContainerCmdModifier(create -> create.withStopSignal("SIGINT"))
            .withCommand(command(settings));
    var runner = new ContainerRunner(container, Map.of(address.port(), PORT), workspace);
    runner.start();
    return new PostgresServer(runner, address, certificate.certificate());
  }

  private static String[] command(Map<String, String> settings) {
    var command = new ArrayList<>(List.of("bash", "-c", START, "postgres"));
    command.addAll(List.of("-c", "ssl=on"));
    command.addAll(List.of("-c", "ssl_cert_file=/var/lib/postgresql/server.crt"));
    command.addAll(List.of("-c", "ssl_key_file=/var/lib/postgresql/server.key"));
    settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return command.toArray(String[]::new);
  }
}
