package io.outboxrelay.demo;

import static java.util.concurrent.CompletableFuture.delayedExecutor;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The demo as a user runs it: the script, with its output going to a pipe. */
final class DemoScript {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Duration LONGEST = Duration.ofMinutes(4);
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long SIGINT = 1 << 1;

  private DemoScript() {}

  static Process start(String... options) throws IOException {
    var command = new ArrayList<>(List.of(ROOT.resolve("demo").toString()));
    command.addAll(List.of(options));
    return bounded(new ProcessBuilder(command));
  }

  /** Runs a line that the demo printed in a shell, in the project's folder, as a user would. */
  static Process shell(String line) throws IOException {
    return bounded(new ProcessBuilder("sh", "-c", "exec env " + line).directory(ROOT.toFile()));
  }

  private static Process bounded(ProcessBuilder builder) throws IOException {
    var process = builder.redirectErrorStream(true).start();
    // Killing the process ends the read of its output, which cannot be interrupted.
    delayedExecutor(LONGEST.toSeconds(), SECONDS).execute(process::destroyForcibly);
    return process;
  }

  /**
   * Sends SIGINT; or SIGTERM if this process ignores SIGINT, because its children then do so, too.
   */
  static void interrupt(Process process) throws IOException, InterruptedException {
    String signal = ignoresInterrupt() ? "TERM" : "INT";
    new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid())).start().waitFor();
  }

  private static boolean ignoresInterrupt() throws IOException {
    if (!Files.exists(STATUS)) {
      return false;
    }
    var ignored = Pattern.compile("(?m)^SigIgn:\\s*(\\p{XDigit}+)$");
    var status = ignored.matcher(Files.readString(STATUS));
    return status.find() && (Long.parseUnsignedLong(status.group(1), 16) & SIGINT) != 0;
  }
}
