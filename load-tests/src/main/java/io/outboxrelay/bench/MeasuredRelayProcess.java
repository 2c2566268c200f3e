package io.outboxrelay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The packaged relay in a process of its own. */
final class MeasuredRelayProcess implements AutoCloseable {
  private static final Set<Long> RELAYS = ConcurrentHashMap.newKeySet();

  private final BenchmarkEnvironment stage;
  private final Optional<Path> otherJar;
  private @Nullable Process process;
  private Optional<FlightRecording> recording = Optional.empty();

  MeasuredRelayProcess(BenchmarkEnvironment stage) {
    this(stage, Optional.empty());
  }

  /**
   * @param otherJar the jar of another version; empty for that of this build
   */
  MeasuredRelayProcess(BenchmarkEnvironment stage, Optional<Path> otherJar) {
    this.stage = stage;
    this.otherJar = otherJar;
  }

  /** Returns true if the process was started by this class. */
  static boolean isRelay(long pid) {
    return RELAYS.contains(pid);
  }

  void init() throws IOException, InterruptedException {
    command("init");
  }

  /**
   * Runs a command of the relay until it ends.
   *
   * @throws IllegalStateException if it fails
   */
  void command(String... words) throws IOException, InterruptedException {
    if (start(List.of(), List.of(words)).waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", words) + " failed, see " + log());
    }
  }

  /** Starts the relay; {@code settings} override the configuration, as {@code key=value}. */
  void run(String jvmOptions, List<String> settings) throws IOException {
    var options = new ArrayList<>(List.of(jvmOptions.split(" ")));
    settings.forEach(setting -> options.add("-Doutbox-relay." + setting));
    recording = FlightRecording.next();
    recording.ifPresent(wanted -> options.addAll(wanted.options()));
    process = start(options, List.of());
  }

  long pid() {
    var running = process;
    return running == null ? -1 : running.pid();
  }

  private Path log() {
    return stage.folder.resolve("relay.log");
  }

  private Process start(List<String> jvmOptions, List<String> arguments) throws IOException {
    var file = Files.writeString(stage.folder.resolve("relay.yaml"), stage.config());
    var command = new ArrayList<>(List.of("java"));
    command.addAll(jvmOptions);
    command.addAll(
        List.of("-jar", otherJar.map(Path::toString).orElse(System.getProperty("relay.jar"))));
    command.addAll(List.of("-conf", file.toString()));
    command.addAll(arguments);
    var started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    RELAYS.add(started.pid());
    // Ends the relay with this JVM, because an interrupted benchmark closes nothing.
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroy));
    return started;
  }

  /** Ends the relay with SIGKILL. */
  void kill() throws InterruptedException {
    var running = process;
    process = null;
    if (running != null) {
      running.destroyForcibly().waitFor();
    }
  }

  /**
   * Stops the relay with SIGTERM.
   *
   * @throws IllegalStateException if it does not end within 60 seconds with exit code 0
   */
  @Override
  public void close() throws InterruptedException, IOException {
    var running = process;
    process = null;
    if (running != null) {
      running.destroy();
      if (!running.waitFor(60, TimeUnit.SECONDS) || running.exitValue() != 0) {
        running.destroyForcibly();
        throw new IllegalStateException("the relay did not stop cleanly, see " + log());
      }
      if (recording.isPresent()) {
        recording.get().drawFlameGraph();
      }
    }
  }
}
