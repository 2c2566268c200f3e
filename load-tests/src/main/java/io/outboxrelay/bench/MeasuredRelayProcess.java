package io.outboxrelay.bench;

import io.outboxrelay.testkit.JavaProcess;
import io.outboxrelay.testkit.relay.PackagedRelay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The packaged relay in a process of its own. */
final class MeasuredRelayProcess implements AutoCloseable {
  private static final Path OWN_JAR = Path.of(System.getProperty("relay.jar"));
  private static final Set<Long> RELAYS = ConcurrentHashMap.newKeySet();

  private final BenchmarkEnvironment stage;
  private final Path jar;
  private @Nullable JavaProcess process;
  private Optional<FlightRecording> recording = Optional.empty();

  MeasuredRelayProcess(BenchmarkEnvironment stage) {
    this(stage, Optional.empty());
  }

  /**
   * @param otherJar the jar of another version; empty for that of this build
   */
  MeasuredRelayProcess(BenchmarkEnvironment stage, Optional<Path> otherJar) {
    this.stage = stage;
    this.jar = otherJar.orElse(OWN_JAR);
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
    stage.relay(jar).run(log(), List.of(), List.of(words));
  }

  /** Starts the relay; {@code settings} override the configuration, as {@code key=value}. */
  void run(String jvmOptions, List<String> settings) throws IOException {
    var options = options(jvmOptions, settings);
    recording = FlightRecording.next();
    recording.ifPresent(wanted -> options.addAll(wanted.options()));
    started(stage.relay(jar).process(options, List.of()));
  }

  /** Starts the relay by its launcher, beside which its jar stands, with the Java of this home. */
  void launch(Path launcher, Path java, String jvmOptions, List<String> settings)
      throws IOException {
    var options = options(jvmOptions, settings);
    recording = FlightRecording.next();
    recording.ifPresent(wanted -> options.addAll(wanted.options()));
    started(
        stage
            .relay(jar)
            .launch(launcher, options)
            .environment(Map.of("JAVA_HOME", java.toString())));
  }

  /** Runs the relay by its launcher, which makes the archive when the relay is stopped. */
  void makeArchive(Path launcher, Path java) throws IOException {
    started(
        stage
            .relay(jar)
            .makeArchive(launcher)
            .environment(Map.of("JAVA_HOME", java.toString(), "JAVA_OPTS", "-Xmx512m")));
  }

  private static List<String> options(String jvmOptions, List<String> settings) {
    var options = new ArrayList<>(List.of(jvmOptions.split(" ")));
    settings.forEach(setting -> options.add(PackagedRelay.settingOption(setting)));
    return options;
  }

  private void started(JavaProcess.Builder relay) throws IOException {
    var started = relay.log(log()).start();
    RELAYS.add(started.pid());
    process = started;
  }

  long pid() {
    var running = process;
    return running == null ? -1 : running.pid();
  }

  private Path log() {
    return stage.folder.resolve("relay.log");
  }

  /** Ends the relay with SIGKILL. */
  void kill() throws InterruptedException {
    var running = process;
    process = null;
    if (running != null) {
      running.kill();
    }
  }

  /**
   * Stops the relay with SIGTERM.
   *
   * @throws IllegalStateException if it does not end in time with exit code 0
   */
  @Override
  public void close() throws InterruptedException, IOException {
    var running = process;
    process = null;
    if (running != null) {
      if (running.stop() != 0) {
        throw new IllegalStateException("the relay did not stop cleanly, see " + log());
      }
      if (recording.isPresent()) {
        recording.get().drawFlameGraph();
      }
    }
  }
}
