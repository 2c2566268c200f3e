package io.outboxrelay.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Creates a PostgreSQL cluster in a workspace, and runs a server on it. */
final class PostgresProcess {
  private static final String USER = "postgres";

  /** The folder of Linux's in-memory file system. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private final Map<String, String> settings;
  private final PostgresPrograms programs;
  private final TestWorkspace workspace;

  private PostgresProcess(
      Map<String, String> settings, PostgresPrograms programs, TestWorkspace workspace) {
    this.settings = settings;
    this.programs = programs;
    this.workspace = workspace;
  }

  static PostgresServer start(Map<String, String> settings, @Nullable Integer major) {
    return start(settings, PostgresPrograms.find(major), TestWorkspace.create("postgresql"));
  }

  /** Starts a server with its files in memory, so that a flush takes no time. */
  static PostgresServer startInMemory(Map<String, String> settings, @Nullable Integer major) {
    if (!Files.isWritable(MEMORY)) {
      throw new IllegalStateException(
          "%s cannot be written: a PostgreSQL server with its files in memory needs it, so none was"
                  .formatted(MEMORY)
              + " started. Run it on Linux, or with its files on disk");
    }
    return start(
        settings, PostgresPrograms.find(major), TestWorkspace.create("postgresql", MEMORY));
  }

  private static PostgresServer start(
      Map<String, String> settings, PostgresPrograms programs, TestWorkspace workspace) {
    var process = new PostgresProcess(settings, programs, workspace);
    return process.orClose(process::start);
  }

  private interface Start {
    PostgresServer start();
  }

  private PostgresServer orClose(Start start) {
    try {
      return start.start();
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  private PostgresServer start() {
    var address =
        new PostgresServer.Address(
            "127.0.0.1", FreePorts.free(), USER, UUID.randomUUID().toString());
    var certificate = ServerCertificate.create(workspace);
    initialize(address.password());
    return run(address, certificate);
  }

  /**
   * Starts a standby from a copy of the files of this server, which must be stopped.
   *
   * @param primary the address of this server
   * @param port the port on 127.0.0.1 through which the standby reaches this server
   */
  PostgresServer standby(PostgresServer.Address primary, int port) {
    var all = new LinkedHashMap<>(settings);
    all.put(
        "primary_conninfo",
        "host=127.0.0.1 port=%d user=%s password=%s"
            .formatted(port, primary.user(), primary.password()));
    var standby = new PostgresProcess(all, programs, TestWorkspace.create("postgresql"));
    var address =
        new PostgresServer.Address(
            "127.0.0.1", FreePorts.free(), primary.user(), primary.password());
    return standby.orClose(() -> standby.follow(workspace.file("data"), address));
  }

  private PostgresServer follow(Path data, PostgresServer.Address address) {
    var certificate = ServerCertificate.create(workspace);
    Executables.run(List.of("cp", "-Rp", data.toString(), workspace.file("data").toString()));
    workspace.write("data/standby.signal", "");
    PrivilegeDropper.own(workspace.directory());
    return run(address, certificate);
  }

  private PostgresServer run(PostgresServer.Address address, ServerCertificate certificate) {
    var runner =
        new LocalRunner(
            new LocalRunner.Plan(
                programs.kind(),
                PrivilegeDropper.command(command(address.port())),
                Map.of(),
                "INT",
                "QUIT"),
            workspace);
    runner.start();
    return new PostgresServer(runner, address, certificate.certificate(), this);
  }

  private void initialize(String password) {
    var secret = workspace.write("password", password);
    PrivilegeDropper.own(workspace.directory());
    var initdb =
        PrivilegeDropper.command(
            List.of(
                programs.program("initdb"),
                "--pgdata=" + workspace.file("data"),
                "--username=" + USER,
                "--pwfile=" + secret,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                // The option affects only initdb. The server itself writes durably.
                "--no-sync"));
    Executables.run(new ProcessBuilder(initdb).directory(workspace.directory().toFile()));
  }

  private List<String> command(int port) {
    var command =
        new ArrayList<>(
            List.of(programs.program("postgres"), "-D", workspace.file("data").toString()));
    settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    Map.of(
            "listen_addresses",
            "127.0.0.1",
            "port",
            Integer.toString(port),
            "unix_socket_directories",
            "",
            "ssl",
            "on",
            "ssl_cert_file",
            workspace.file("server.crt").toString(),
            "ssl_key_file",
            workspace.file("server.key").toString())
        .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return command;
  }
}
