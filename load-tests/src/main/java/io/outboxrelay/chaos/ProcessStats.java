package io.outboxrelay.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The memory, files and threads of a process; zeros if the system does not report them.
 *
 * @param rss resident memory in MiB
 */
record ProcessStats(long rss, long files, long threads) {
  static final int HEAP_MEBIBYTES = 96;

  static ProcessStats of(long pid) {
    var process = Path.of("/proc", Long.toString(pid));
    try {
      return new ProcessStats(
          number(process, "VmRSS:") / 1024, files(process), number(process, "Threads:"));
    } catch (IOException e) {
      return new ProcessStats(0, 0, 0);
    }
  }

  private static long number(Path process, String name) throws IOException {
    return Files.readAllLines(process.resolve("status")).stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static long files(Path process) throws IOException {
    try (var open = Files.list(process.resolve("fd"))) {
      return open.count();
    }
  }

  /** Returns the heap in use after a full collection, in KiB; 0 if it cannot be measured. */
  static long liveHeap(long pid) throws IOException, InterruptedException {
    // The last line holds: Total, instances, bytes.
    var words = ask(pid, "GC.class_histogram").strip().split("\\s+");
    String bytes = words[words.length - 1];
    return bytes.matches("\\d+") ? Long.parseLong(bytes) / 1024 : 0;
  }

  /** Returns a thread dump of the process. */
  static String threads(long pid) throws IOException, InterruptedException {
    return ask(pid, "Thread.print");
  }

  private static String ask(long pid, String question) throws IOException, InterruptedException {
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    if (!Files.isExecutable(jcmd)) {
      return "";
    }
    var process =
        new ProcessBuilder(List.of(jcmd.toString(), Long.toString(pid), question))
            .redirectErrorStream(true)
            .start();
    var answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return answer;
  }
}
