package io.outboxrelay.testkit;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * PgBouncer in front of a PostgreSQL server. It accepts every login, and always connects to the
 * server as the server's superuser.
 */
public final class PgBouncer implements AutoCloseable {

  private final LocalRunner runner;
  private final int port;

  private PgBouncer(LocalRunner runner, int port) {
    this.runner = runner;
    this.port = port;
  }

  /** Returns true if PgBouncer is installed. */
  public static boolean isInstalled() {
    return program().isPresent();
  }

  private static Optional<Path> program() {
    return Executables.onPath("pgbouncer")
        .or(() -> Optional.of(Path.of("/usr/sbin/pgbouncer")).filter(Files::isExecutable));
  }

  /**
   * Starts PgBouncer; returns when it accepts connections.
   *
   * @param mode the pool mode: {@code session} or {@code transaction}
   * @throws IllegalStateException if PgBouncer is not installed or does not answer
   */
  public static PgBouncer start(PostgresServer server, String mode) {
    String program =
        program().orElseThrow(() -> new IllegalStateException("Install pgbouncer.")).toString();
    var workspace = TestWorkspace.create("pgbouncer");
    int port = FreePorts.free();
    var file = workspace.write("pgbouncer.ini", settings(server, mode, port));
    PrivilegeDropper.own(workspace.directory());
    var runner =
        new LocalRunner(
            new LocalRunner.Plan(
                "a local process of the installed pgbouncer",
                PrivilegeDropper.command(List.of(program, file.toString())),
                Map.of(),
                "INT",
                "KILL"),
            workspace);
    runner.start();
    var pooler = new PgBouncer(runner, port);
    pooler.awaitAnswer();
    return pooler;
  }

  private static String settings(PostgresServer server, String mode, int port) {
    return """
        [databases]
        * = host=%s port=%d user=%s password=%s
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = any
        ; several relays have more than the 20 that are the default
        default_pool_size = 60
        pool_mode = %s
        """
        .formatted(server.host(), server.port(), server.user(), server.password(), port, mode);
  }

  private void awaitAnswer() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!answers()) {
      if (System.nanoTime() > end || runner.endedWithin(Duration.ofMillis(20))) {
        String log = runner.log();
        close();
        throw new IllegalStateException("PgBouncer does not answer; its log ends: " + log);
      }
    }
  }

  private boolean answers() {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns PgBouncer's port on 127.0.0.1. */
  public int port() {
    return port;
  }

  @Override
  public void close() {
    runner.close();
  }
}
