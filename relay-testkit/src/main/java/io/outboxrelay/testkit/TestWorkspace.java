package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory for one server's data, and a guard process. If this JVM ends for any reason, the
 * guard ends the server and deletes the directory.
 *
 * <p>The guard is a shell that waits for the end of its standard input. The kernel closes that
 * input when this JVM ends, even after {@code kill -9}, when no shutdown hook runs.
 */
final class TestWorkspace implements AutoCloseable {
  /**
   * The script of the guard. It remembers the last line of its input: a signal and the process id
   * of the server. When the input ends, the script sends the signal. If the processes have not
   * ended after about 5 seconds, it sends SIGKILL.
   */
  private static final String GUARD =
      """
      last=
      while read -r line; do last=$line; done
      if [ -n "$last" ]; then
        signal=${last%% *} pid=${last#* }
        kill -s CONT -- $pid
        kill -s "$signal" -- $pid
        for attempt in 1 2 3 4 5 6 7 8 9 10; do
          kill -s 0 -- $pid || break
          sleep 0.5
        done
        kill -s KILL -- $pid
      fi
      rm -rf "$1"
      """;

  private final Path directory;
  private final Process guard;

  private TestWorkspace(Path directory, Process guard) {
    this.directory = directory;
    this.guard = guard;
  }

  static TestWorkspace create(String server) {
    return create(server, Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** Creates a directory in {@code parent}. */
  static TestWorkspace create(String server, Path parent) {
    try {
      var directory = Files.createTempDirectory(parent, "outbox-relay-" + server + "-");
      var command = new ArrayList<>(detached());
      command.addAll(List.of("sh", "-c", GUARD, "guard", directory.toString()));
      var guard =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new TestWorkspace(directory, guard);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not make a directory for " + server, e);
    }
  }

  /**
   * Returns the words to write before a command to start it in a session of its own, so that Ctrl-C
   * does not reach it.
   */
  static List<String> detached() {
    return Executables.onPath("setsid").map(setsid -> List.of(setsid.toString())).orElse(List.of());
  }

  Path directory() {
    return directory;
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /**
   * Writes a file that only its owner may read, because PostgreSQL demands that of a private key.
   */
  Path write(String name, String text) {
    try {
      var written = Files.writeString(file(name), text);
      return Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException("Could not write " + file(name), e);
    }
  }

  /**
   * Makes the guard responsible for this detached process: at the end, the guard sends the signal
   * to the process and its group. An earlier process is no longer guarded.
   */
  void guard(String signal, long pid) {
    tell(signal + " " + (detached().isEmpty() ? pid : -pid));
  }

  /** Makes the guard end no process; it still deletes the directory. */
  void guardNothing() {
    tell("");
  }

  // The stream must stay open, because the guard acts when it is closed. Only close() closes it.
  @SuppressWarnings("resource")
  private void tell(String line) {
    OutputStream input = guard.getOutputStream();
    try {
      input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("The guard of " + directory + " has ended early", e);
    }
  }

  /** Ends the guarded process and deletes the directory. */
  @Override
  public void close() {
    try {
      guard.getOutputStream().close();
      guard.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("The guard of " + directory + " has ended early", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
