package io.outboxrelay.chaos;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Logs the run to standard output and to {@code chaos.log}, and collects the findings. */
final class RunLog implements AutoCloseable {
  private static final int MOST_FINDINGS = 100;

  private final long began = System.nanoTime();
  private final Path folder;
  private final PrintWriter file;
  private final List<String> findings = new ArrayList<>();

  RunLog(Path folder) throws IOException {
    this.folder = folder;
    this.file = new PrintWriter(Files.newBufferedWriter(folder.resolve("chaos.log")), true);
  }

  Path folder() {
    return folder;
  }

  long millis() {
    return (System.nanoTime() - began) / 1_000_000;
  }

  /** Returns a line of the log, which begins with the time since the start. */
  static String line(long millis, String words) {
    return String.format(Locale.ROOT, "%8.1f s  %s", millis / 1000.0, words);
  }

  synchronized void say(String words) {
    String line = line(millis(), words);
    System.out.println(line);
    file.println(line);
  }

  /** Records a broken guarantee, which fails the run. */
  synchronized void found(String finding) {
    if (findings.size() < MOST_FINDINGS) {
      say("BROKEN: " + finding);
      findings.add(finding);
    }
  }

  synchronized List<String> findings() {
    return List.copyOf(findings);
  }

  @Override
  public void close() {
    file.close();
  }
}
