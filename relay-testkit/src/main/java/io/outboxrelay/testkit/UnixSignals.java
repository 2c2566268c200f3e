package io.outboxrelay.testkit;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Sends signals for which Java has no method. */
final class UnixSignals {
  private static final Duration PAUSE = Duration.ofMillis(1);

  private UnixSignals() {}

  /**
   * Waits until no thread of a stopped process runs. The wait is needed because, on a busy machine,
   * some threads still run for a while after the signal. Returns at once on systems without {@code
   * /proc}.
   */
  static void awaitStopped(long pid) {
    var threads = Path.of("/proc/" + pid + "/task");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (Files.isDirectory(threads) && anyRuns(threads)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Process " + pid + " has not stopped.");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static boolean anyRuns(Path threads) {
    try (var each = Files.list(threads)) {
      return each.anyMatch(UnixSignals::runs);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not see the threads in " + threads, e);
    }
  }

  /**
   * Returns true if a thread runs. In the file that is read, the thread's state follows its name,
   * which is in parentheses and can contain any character.
   */
  private static boolean runs(Path thread) {
    try {
      String line = Files.readString(thread.resolve("stat"));
      char state = line.charAt(line.lastIndexOf(')') + 2);
      return "TtZX".indexOf(state) < 0;
    } catch (IOException ended) {
      return false;
    }
  }

  /** Sends a signal to all processes. Processes that have ended are skipped. */
  static void send(String signal, Stream<ProcessHandle> processes) {
    // The command is the one built into the shell, because small systems lack the program kill.
    var command =
        new ArrayList<>(List.of("sh", "-c", "kill -s \"$0\" \"$@\" 2>/dev/null || true", signal));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    if (command.size() > 4) {
      Executables.run(command);
    }
  }
}
