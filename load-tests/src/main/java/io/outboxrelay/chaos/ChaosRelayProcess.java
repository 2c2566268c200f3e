package io.outboxrelay.chaos;

import io.outboxrelay.testkit.OrphanProcessGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One process of the packaged relay, from its start to its end. */
final class ChaosRelayProcess {
  /** Far longer than the relay's own limits for a stop. */
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

  /** Starts the process; its output is appended to {@code log}. */
  static ChaosRelayProcess start(
      Path config, Map<String, String> environment, Path log, List<String> more)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    var jar = Path.of(System.getProperty("relay.jar"));
    // The archive of classes that the tests of the jar have left makes a start cheaper.
    var classes = jar.resolveSibling("outbox-relay.jsa");
    if (Files.exists(classes)) {
      command.add("-XX:SharedArchiveFile=" + classes);
    }
    more.stream().filter(word -> word.startsWith("-D")).forEach(command::add);
    command.addAll(List.of("-jar", jar.toString(), "-conf", config.toString()));
    more.stream().filter(word -> !word.startsWith("-D")).forEach(command::add);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Such variables would override the file.
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

  /** Waits until the process ends, and returns its exit code. */
  int ended() throws InterruptedException {
    int code = process.waitFor();
    guard.dismiss();
    return code;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly();
    ended();
  }

  /**
   * Sends SIGTERM and returns the exit code; a process that has not ended after 90 seconds is
   * killed.
   */
  int terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(UNTIL_STOPPED_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return ended();
  }

  /** Sends a signal for which Java has no method. */
  void signal(String name) throws IOException, InterruptedException {
    var command = List.of("sh", "-c", "kill -s " + name + " " + pid());
    if (new ProcessBuilder(command).start().waitFor() != 0) {
      throw new IOException("could not send " + name + " to process " + pid());
    }
  }
}
