package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Sends signals that Java has no method for. */
final class UnixSignals {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(1);

  private UnixSignals() {}

  /**
   * Returns when no thread of a process runs any more, where this machine tells: on a busy one some
   * go on for a while after the signal.
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

  /** A thread's state stands behind its name, which is in parentheses and may hold any letter. */
  private static boolean runs(Path thread) {
    try {
      String line = Files.readString(thread.resolve("stat"));
      char state = line.charAt(line.lastIndexOf(')') + 2);
      return "TtZX".indexOf(state) < 0;
    } catch (IOException ended) {
      return false;
    }
  }

  /** Sends one signal to all; a process that has ended meanwhile is passed over. */
  static void send(String signal, Stream<ProcessHandle> processes) {
    // The shell's own kill: the program of that name is missing from small systems.
    var command =
        new ArrayList<>(List.of("sh", "-c", "kill -s \"$0\" \"$@\" 2>/dev/null || true", signal));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    if (command.size() > 4) {
      Executables.run(command);
    }
  }
}
