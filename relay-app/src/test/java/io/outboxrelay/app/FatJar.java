package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.testkit.PrivilegeDropper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The fat jar in a process of its own, started as its users start it, from the project's folder.
 */
final class FatJar implements AutoCloseable {
  static final Path JAR = Path.of("target", "outbox-relay.jar").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * The classes that a command loads, ready to be mapped, which is two fifths of what a command
   * takes; the tests start the jar more than a hundred times.
   */
  private static final Path CLASSES = dumpClasses();

  private final Process process;
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final List<Thread> readers;

  private FatJar(Process process) {
    this.process = process;
    this.readers =
        List.of(
            reader(process.inputReader(StandardCharsets.UTF_8), out),
            reader(process.errorReader(StandardCharsets.UTF_8), err));
  }

  private static Thread reader(BufferedReader lines, List<String> into) {
    var thread = new Thread(() -> lines.lines().forEach(into::add));
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static Path dumpClasses() {
    var classes = JAR.resolveSibling("outbox-relay.jsa");
    try {
      Files.deleteIfExists(classes);
      var dumping = List.of("-XX:ArchiveClassesAtExit=" + classes, "-jar", JAR.toString());
      var nowhere = java(dumping, "status", "-conf", "conf/kafka.yaml");
      nowhere.environment().put("OUTBOX_RELAY_DATABASE_URI", "postgresql://nobody@127.0.0.1:1/app");
      nowhere.environment().put("RELAY_DB_PASSWORD", "");
      nowhere.redirectErrorStream(true).redirectOutput(Redirect.DISCARD).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return classes;
  }

  /** {@code java -jar outbox-relay.jar arguments}, with these environment variables. */
  static FatJar run(Map<String, String> variables, String... arguments) throws IOException {
    return start(variables, List.of("-jar", JAR.toString()), arguments);
  }

  /** As {@link #run}, with another jar beside it on the class path. */
  static FatJar runWith(Path jar, Map<String, String> variables, String... arguments)
      throws IOException {
    return start(variables, List.of("-cp", JAR + ":" + jar, RelayMain.class.getName()), arguments);
  }

  /**
   * As a stranger may run it: {@code folder} is where it starts, it has no rights of root's, and no
   * folder for temporary files that it may write to.
   */
  static FatJar runAsStranger(Path folder, Map<String, String> variables, String... arguments)
      throws IOException {
    return runAsStranger(folder, List.of(), variables, arguments);
  }

  /** The same, with these flags of Java's. */
  static FatJar runAsStranger(
      Path folder, List<String> flags, Map<String, String> variables, String... arguments)
      throws IOException {
    var options = new ArrayList<>(List.of("-XX:SharedArchiveFile=" + CLASSES));
    options.add("-Djava.io.tmpdir=" + folder);
    options.addAll(flags);
    options.addAll(List.of("-jar", JAR.toString()));
    var builder = java(options, arguments).directory(folder.toFile());
    builder.command(PrivilegeDropper.command(builder.command()));
    return started(builder, variables);
  }

  private static FatJar start(Map<String, String> variables, List<String> how, String... arguments)
      throws IOException {
    var options = new ArrayList<>(List.of("-XX:SharedArchiveFile=" + CLASSES));
    options.addAll(how);
    return started(java(options, arguments), variables);
  }

  private static FatJar started(ProcessBuilder builder, Map<String, String> variables)
      throws IOException {
    // Others run beside it, which would warn of a port that is taken.
    builder.environment().put("OUTBOX_RELAY_ADMIN_PORT", "0");
    builder.environment().putAll(variables);
    var started = builder.start();
    // A test that fails before it holds the process in its hands would leave it behind.
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    return new FatJar(started);
  }

  private static ProcessBuilder java(List<String> options, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(options);
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(Path.of("..").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("OUTBOX_RELAY_"));
    return builder;
  }

  /** Asks it to stop, as a service manager does. */
  FatJar terminate() {
    // Process.destroy closes the streams, and with them the last words.
    process.toHandle().destroy();
    return this;
  }

  /** Returns when a line of either output contains {@code text}. */
  FatJar awaitLine(String text) {
    await(text)
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(process.isAlive()).as("still running; it said %s", err).isTrue();
              return said(text);
            });
    return this;
  }

  /** Returns when a line contains {@code text}, or the process has ended without such a line. */
  boolean getsTo(String text) {
    await(text).atMost(PATIENCE).until(() -> !process.isAlive() || said(text));
    return said(text);
  }

  private boolean said(String text) {
    return Stream.concat(out.stream(), err.stream()).anyMatch(line -> line.contains(text));
  }

  /** Returns when the process has ended, with this exit code. */
  FatJar awaitExit(int code) throws InterruptedException {
    assertThat(exitCode()).as("exit code; it said %s", err).isEqualTo(code);
    return this;
  }

  /** Returns when the process has ended. */
  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
    for (var reader : readers) {
      reader.join(PATIENCE.toMillis());
    }
    return process.exitValue();
  }

  String out() {
    return String.join("\n", out);
  }

  String err() {
    return String.join("\n", err);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
