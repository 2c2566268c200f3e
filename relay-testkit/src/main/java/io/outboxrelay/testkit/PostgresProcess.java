package io.outboxrelay.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes a PostgreSQL cluster in a workspace, and runs a server on it. */
final class PostgresProcess {
  private static final String USER = "postgres";

  private PostgresProcess() {}

  static PostgresServer start(Map<String, String> settings, @Nullable Integer major) {
    var programs = PostgresPrograms.find(major);
    var workspace = Workspace.create("postgresql");
    try {
      return start(settings, programs, workspace);
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  private static PostgresServer start(
      Map<String, String> settings, PostgresPrograms programs, Workspace workspace) {
    var address =
        new PostgresServer.Address("127.0.0.1", Ports.free(), USER, UUID.randomUUID().toString());
    var certificate = ServerCertificate.create(workspace);
    initialize(programs, workspace, address.password());
    var runner =
        new LocalRunner(
            new LocalRunner.Plan(
                programs.kind(),
                Unprivileged.command(command(settings, programs, workspace, address.port())),
                Map.of(),
                "INT",
                "QUIT"),
            workspace);
    runner.start();
    return new PostgresServer(runner, address, certificate.certificate());
  }

  private static void initialize(PostgresPrograms programs, Workspace workspace, String password) {
    var secret = workspace.write("password", password);
    Unprivileged.own(workspace.directory());
    var initdb =
        Unprivileged.command(
            List.of(
                programs.program("initdb"),
                "--pgdata=" + workspace.file("data"),
                "--username=" + USER,
                "--pwfile=" + secret,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                // Only this one command: the server itself writes durably.
                "--no-sync"));
    Programs.run(new ProcessBuilder(initdb).directory(workspace.directory().toFile()));
  }

  private static List<String> command(
      Map<String, String> settings, PostgresPrograms programs, Workspace workspace, int port) {
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
