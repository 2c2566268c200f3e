package io.outboxrelay.chaos;

import io.outboxrelay.testkit.OrphanProcessGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The fat jar in a process of its own, from its start to its end. */
final class ChaosRelayProcess {
  /** Far above the relay's own bounds for a stop. */
  private static final int UNTIL_STOPPED_SECONDS = 90;

  private static final List<String> JVM =
      List.of(
          "-Xmx" + ProcessStats.HEAP_MEBIBYTES + "m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+ExitOnOutOfMemoryError");

  private final Process process;
  private final OrphanProcessGuard guard;

  private ChaosRelayProcess(Process process) throws IOException {
    this.process = process;
    this.guard = OrphanProcessGuard.of(process.pid());
  }

  /** Starts it; what it writes is appended to {@code log}. */
  static ChaosRelayProcess start(
      Path config, Map<String, String> environment, Path log, List<String> more)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    var jar = Path.of(System.getProperty("relay.jar"));
    // Left by the tests of the jar; with it a start takes less processor time.
    var classes = jar.resolveSibling("outbox-relay.jsa");
    if (Files.exists(classes)) {
      command.add("-XX:SharedArchiveFile=" + classes);
    }
    more.stream().filter(word -> word.startsWith("-D")).forEach(command::add);
    command.addAll(List.of("-jar", jar.toString(), "-conf", config.toString()));
    more.stream().filter(word -> !word.startsWith("-D")).forEach(command::add);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // They would override the file.
    builder.environment().keySet().removeIf(name -> name.startsWith("OUTBOX_RELAY_"));
    builder.environment().putAll(environment);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return new ChaosRelayProcess(builder.start());
  }

  long pid() {
    return process.pid();
  }

  boolean running() {
    return process.isAlive();
  }

  /** Its exit code; waits for its end. */
  int ended() throws InterruptedException {
    int code = process.waitFor();
    guard.dismiss();
    return code;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    ended();
  }

  /** Sends SIGTERM; returns its exit code, or one of a killed process where it did not end. */
  int terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(UNTIL_STOPPED_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return ended();
  }

  /** Sends a signal that Java has no method for. */
  void signal(String name) throws IOException, InterruptedException {
    var command = List.of("sh", "-c", "kill -s " + name + " " + pid());
    if (new ProcessBuilder(command).start().waitFor() != 0) {
      throw new IOException("could not send " + name + " to process " + pid());
    }
  }
}
