package io.outboxrelay.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Sends signals that Java has no method for. */
final class Signals {
  private Signals() {}

  /** Sends one signal to all; a process that has ended meanwhile is passed over. */
  static void send(String signal, Stream<ProcessHandle> processes) {
    // The shell's own kill: the program of that name is missing from small systems.
    var command =
        new ArrayList<>(List.of("sh", "-c", "kill -s \"$0\" \"$@\" 2>/dev/null || true", signal));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    if (command.size() > 4) {
      Programs.run(command);
    }
  }
}
