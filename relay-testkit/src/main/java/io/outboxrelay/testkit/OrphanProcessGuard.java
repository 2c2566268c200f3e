package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Ends a process if this JVM ends before the process, for example after {@code kill -9}. The guard
 * is a shell that waits for the end of its standard input, which the kernel closes when this JVM
 * ends.
 */
public final class OrphanProcessGuard {
  private static final String SCRIPT = "trap '' INT HUP; read -r dismissed || kill -s TERM \"$1\"";

  private final Process shell;

  private OrphanProcessGuard(Process shell) {
    this.shell = shell;
  }

  /** Sends SIGTERM to process {@code pid} when this JVM has ended. */
  public static OrphanProcessGuard of(long pid) throws IOException {
    return new OrphanProcessGuard(
        new ProcessBuilder(List.of("sh", "-c", SCRIPT, "guard", Long.toString(pid)))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /**
   * Ends the guard. Must be called after the process has ended, because the system may use the
   * process id again. A second call has no effect.
   */
  public void dismiss() throws InterruptedException {
    try (OutputStream input = shell.getOutputStream()) {
      input.write("dismissed\n".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The shell has ended already, so it sends no signal.
      shell.destroy();
    }
    shell.waitFor();
  }
}
