package io.outboxrelay.app;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.testkit.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The fat jar in a process of its own, started as its users start it, from the project's folder.
 */
final class FatJar implements AutoCloseable {
  static final Path JAR = Path.of("target", "outbox-relay.jar").toAbsolutePath();
  private static final Path PROJECT = Path.of("..");

  /**
   * An archive of the classes that a command loads (class data sharing). It saves two fifths of the
   * time of a command; the tests start the jar more than a hundred times.
   */
  private static final Path CLASSES = dumpClasses();

  private final JavaProcess process;

  private FatJar(JavaProcess process) {
    this.process = process;
  }

  private static Path dumpClasses() {
    var classes = JAR.resolveSibling("outbox-relay.jsa");
    var dumping =
        List.of(
            "-XX:ArchiveClassesAtExit=" + classes,
            "-jar",
            JAR.toString(),
            "status",
            "-conf",
            "conf/kafka.yaml");
    var unreachable =
        Map.of(
            "OUTBOX_RELAY_DATABASE_URI",
            "postgresql://nobody@127.0.0.1:1/app",
            "RELAY_DB_PASSWORD",
            "");
    try {
      Files.deleteIfExists(classes);
      java(dumping).in(PROJECT).environment(unreachable).start().awaitEnd();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return classes;
  }

  private static JavaProcess.Builder java(List<String> words) {
    var all = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1"));
    all.addAll(words);
    return JavaProcess.java(all)
        .withoutVariables("OUTBOX_RELAY_")
        // With a fixed port, a relay of another test that runs at the same time would warn that the
        // port is taken.
        .environment(Map.of("OUTBOX_RELAY_ADMIN_PORT", "0"));
  }

  /** Runs {@code java -jar outbox-relay.jar arguments} with these environment variables. */
  static FatJar run(Map<String, String> variables, String... arguments) throws IOException {
    return start(variables, List.of("-jar", JAR.toString()), arguments);
  }

  /** Runs the jar as {@link #run} does, with another jar beside it on the class path. */
  static FatJar runWith(Path jar, Map<String, String> variables, String... arguments)
      throws IOException {
    return start(variables, List.of("-cp", JAR + ":" + jar, RelayMain.class.getName()), arguments);
  }

  private static FatJar start(Map<String, String> variables, List<String> how, String... arguments)
      throws IOException {
    return new FatJar(java(withClasses(how, arguments)).in(PROJECT).environment(variables).start());
  }

  private static List<String> withClasses(List<String> how, String... arguments) {
    var words = new ArrayList<>(List.of("-XX:SharedArchiveFile=" + CLASSES));
    words.addAll(how);
    words.addAll(List.of(arguments));
    return words;
  }

  /**
   * Runs the jar as an unknown user may: it starts in {@code folder}, without the rights of root,
   * and its folder for temporary files may be read-only.
   */
  static FatJar runAsStranger(Path folder, Map<String, String> variables, String... arguments)
      throws IOException {
    return runAsStranger(folder, List.of(), variables, arguments);
  }

  /** Runs the jar as {@link #runAsStranger(Path, Map, String...)} does, with options of Java. */
  static FatJar runAsStranger(
      Path folder, List<String> flags, Map<String, String> variables, String... arguments)
      throws IOException {
    var how = new ArrayList<>(List.of("-Djava.io.tmpdir=" + folder));
    how.addAll(flags);
    how.addAll(List.of("-jar", JAR.toString()));
    return new FatJar(
        java(withClasses(how, arguments)).in(folder).unprivileged().environment(variables).start());
  }

  /** Asks the process to stop, as a service manager does. */
  FatJar terminate() {
    process.terminate();
    return this;
  }

  /** Ends the process at once, as a crash does; returns when it has ended. */
  FatJar kill() throws InterruptedException {
    process.kill();
    return this;
  }

  /** Sends a signal, such as {@code STOP}. */
  FatJar signal(String name) {
    process.signal(name);
    return this;
  }

  /** Returns when a line of either output contains {@code text}. */
  FatJar awaitLine(String text) {
    try {
      process.awaitLine(text, PATIENCE);
      return this;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns when a line contains {@code text}, or the process has ended without such a line. */
  boolean getsTo(String text) {
    await(text).atMost(PATIENCE).until(() -> !process.running() || process.hasWritten(text));
    return process.hasWritten(text);
  }

  /** Returns when the process has ended, with this exit code. */
  FatJar awaitExit(int code) throws InterruptedException {
    assertThat(exitCode()).as("exit code; it said %s", err()).isEqualTo(code);
    return this;
  }

  /** Returns when the process has ended. */
  int exitCode() throws InterruptedException {
    return process.awaitEnd(PATIENCE);
  }

  String out() {
    return process.out();
  }

  String err() {
    return process.err();
  }

  @Override
  public void close() {
    try {
      process.close();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
