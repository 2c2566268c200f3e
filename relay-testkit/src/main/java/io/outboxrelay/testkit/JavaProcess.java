package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Java program in a process of its own.
 *
 * <p>If this JVM ends before the process, for any reason, the process gets SIGTERM. The process
 * ignores Ctrl-C, which a terminal sends to all processes, because this JVM ends its processes
 * itself, one after the other.
 */
public final class JavaProcess implements AutoCloseable {
  /**
   * The longest time to wait for the end of the process after SIGTERM. It is far longer than the
   * programs' own limits.
   */
  private static final Duration UNTIL_STOPPED = Duration.ofSeconds(90);

  private static final List<String> WITHOUT_CTRL_C =
      List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "program");

  private final Process process;
  private final OrphanProcessGuard guard;
  private final ProcessOutput output;
  private final @Nullable Path log;

  private JavaProcess(Process process, ProcessOutput output, @Nullable Path log)
      throws IOException {
    this.process = process;
    this.guard = OrphanProcessGuard.of(process.pid());
    this.output = output;
    this.log = log;
  }

  /**
   * Describes a process that runs Java.
   *
   * @param words the words after {@code java} on the command line
   */
  public static Builder java(List<String> words) {
    return new Builder(Path.of(System.getProperty("java.home"), "bin", "java"), words);
  }

  /**
   * Describes a process that runs a script, which replaces itself by Java.
   *
   * @param arguments the arguments of the script
   */
  public static Builder launcher(Path script, List<String> arguments) {
    return new Builder(script.toAbsolutePath(), arguments);
  }

  /** The description of a process that has not been started. */
  public static final class Builder {
    private final Path program;
    private final List<String> words;
    private final Map<String, String> environment = new HashMap<>();
    private Consumer<String> listener = line -> {};
    private @Nullable Path log;
    private @Nullable Path folder;
    private String removedVariables = "";
    private boolean unprivileged;
    private boolean deletesLog;

    private Builder(Path program, List<String> words) {
      this.program = program;
      this.words = List.copyOf(words);
    }

    /** Adds variables to the environment, which is otherwise that of this JVM. */
    public Builder environment(Map<String, String> variables) {
      environment.putAll(variables);
      return this;
    }

    /**
     * Removes, from the environment of the process, the variables of this JVM that have a name with
     * this prefix.
     */
    public Builder withoutVariables(String prefix) {
      removedVariables = prefix;
      return this;
    }

    /** Appends standard output and standard error to this file. {@link #out} then returns both. */
    public Builder log(Path file) {
      log = file;
      return this;
    }

    /** Like {@link #log}, but deletes the earlier content of the file when the process starts. */
    public Builder newLog(Path file) {
      deletesLog = true;
      return log(file);
    }

    /** Calls {@code listener} for each line, on a thread that reads the output. */
    public Builder onLine(Consumer<String> listener) {
      this.listener = listener;
      return this;
    }

    /** Starts the process in this folder. */
    public Builder in(Path folder) {
      this.folder = folder;
      return this;
    }

    /** Drops the rights of root, if this JVM has them. */
    public Builder unprivileged() {
      unprivileged = true;
      return this;
    }

    public JavaProcess start() throws IOException {
      var command = new ArrayList<>(WITHOUT_CTRL_C);
      command.add(program.toString());
      command.addAll(words);
      var builder =
          new ProcessBuilder(unprivileged ? PrivilegeDropper.command(command) : command)
              .redirectErrorStream(log != null);
      if (folder != null) {
        builder.directory(folder.toFile());
      }
      if (!removedVariables.isEmpty()) {
        builder.environment().keySet().removeIf(name -> name.startsWith(removedVariables));
      }
      builder.environment().putAll(environment);
      var copy = log == null ? Writer.nullWriter() : appendingTo(log);
      var process = builder.start();
      return new JavaProcess(process, new ProcessOutput(process, listener, copy), log);
    }

    private Writer appendingTo(Path log) throws IOException {
      if (deletesLog) {
        Files.deleteIfExists(log);
      }
      return Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean running() {
    return process.isAlive();
  }

  /**
   * Waits until the program has written a line that contains {@code text}, and returns the line.
   *
   * @throws IllegalStateException if the program has ended without such a line, or has not written
   *     it within {@code limit}
   */
  public String awaitLine(String text, Duration limit) throws InterruptedException {
    return output
        .await(text, limit)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "The program %s before it wrote \"%s\"; what it wrote is%s"
                        .formatted(
                            output.ended() ? "ended" : "ran for %d s".formatted(limit.toSeconds()),
                            text,
                            written())));
  }

  /** Returns true if the program has written a line that contains {@code text}. */
  public boolean hasWritten(String text) {
    return (out() + "\n" + err()).contains(text);
  }

  /**
   * Returns the lines that the program has written to standard output. If the process has a log,
   * the result includes the lines written to standard error.
   */
  public String out() {
    return output.text(false);
  }

  /**
   * Returns the lines that the program has written to standard error. If the process has a log, the
   * result is empty.
   */
  public String err() {
    return output.text(true);
  }

  /** Waits until the program ends, and returns its exit code. */
  public int awaitEnd() throws InterruptedException {
    int code = process.waitFor();
    output.awaitEnd();
    guard.dismiss();
    return code;
  }

  /**
   * Waits until the program ends, and returns its exit code.
   *
   * @throws IllegalStateException if the program still runs after {@code limit}
   */
  public int awaitEnd(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException(
          "The program has not ended within %d s; what it wrote is%s"
              .formatted(limit.toSeconds(), written()));
    }
    return awaitEnd();
  }

  private String written() {
    return log == null ? ":\n" + out() + "\n" + err() : " in " + log + ".";
  }

  /** Sends SIGTERM, and does not wait for the end. */
  public void terminate() {
    // Process.destroy would close the streams, so that the last lines of the program would be lost.
    process.toHandle().destroy();
  }

  /**
   * Sends SIGTERM and waits for the end. Sends SIGKILL if the program still runs after 90 seconds.
   * Returns the exit code.
   */
  public int stop() throws InterruptedException {
    terminate();
    if (!process.waitFor(UNTIL_STOPPED.toSeconds(), TimeUnit.SECONDS)) {
      process.toHandle().destroyForcibly();
    }
    return awaitEnd();
  }

  /** Sends SIGKILL, which simulates a crash; returns when the program has ended. */
  public void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    awaitEnd();
  }

  /** Sends a signal for which Java has no method, such as {@code STOP}. */
  public void signal(String name) {
    UnixSignals.send(name, Stream.of(process.toHandle()));
  }

  /** Kills the program if it still runs. */
  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
