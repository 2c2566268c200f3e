package io.outboxrelay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the memory of a process from Linux. */
final class MemoryUse {
  private MemoryUse() {}

  static double peakMebibytes(long pid) throws IOException {
    return mebibytes(pid, "VmHWM:");
  }

  static double nowMebibytes(long pid) throws IOException {
    return mebibytes(pid, "VmRSS:");
  }

  private static double mebibytes(long pid, String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }
}
