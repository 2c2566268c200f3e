package io.outboxrelay.environment;

import io.outboxrelay.testkit.OrphanProcessGuard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A Java program in a process of its own; its output is written to a file. */
final class JavaProgram implements AutoCloseable {
  private static final Duration UNTIL_READY = Duration.ofSeconds(90);
  private static final Duration UNTIL_STOPPED = Duration.ofSeconds(45);

  /**
   * Ignores Ctrl-C in the program: the terminal sends it to all processes, but this JVM stops each
   * program itself, in order.
   */
  private static final List<String> WITHOUT_CTRL_C =
      List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "program");

  private final Process process;
  private final OrphanProcessGuard guard;
  private final Path log;
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private final Thread reader;

  private JavaProgram(Process process, Path log, String readyMark) throws IOException {
    this.process = process;
    this.guard = OrphanProcessGuard.of(process.pid());
    this.log = log;
    this.reader = new Thread(() -> copy(readyMark), "output");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts {@code java} with these arguments.
   *
   * @param log the file for the output; it is overwritten
   * @param readyMark a text in the line with which the program reports that it is ready
   */
  static JavaProgram start(
      List<String> arguments, Map<String, String> environment, Path log, String readyMark)
      throws IOException {
    var command = new ArrayList<>(WITHOUT_CTRL_C);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC"));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // Such variables would override the configuration.
    builder.environment().keySet().removeIf(name -> name.startsWith("OUTBOX_RELAY_"));
    builder.environment().putAll(environment);
    Files.deleteIfExists(log);
    return new JavaProgram(builder.start(), log, readyMark);
  }

  private void copy(String readyMark) {
    try (var lines = process.inputReader(StandardCharsets.UTF_8);
        var copy =
            Files.newBufferedWriter(
                log, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        copy.write(line + "\n");
        copy.flush();
        if (line.contains(readyMark)) {
          ready.complete(line);
        }
      }
    } catch (IOException e) {
      ready.completeExceptionally(e);
    } finally {
      ready.completeExceptionally(new IOException("the end of its output"));
    }
  }

  /**
   * Waits until the program reports that it is ready, and returns that line.
   *
   * @throws IllegalStateException if it ends before, or is not ready within 90 seconds
   */
  String awaitReady() throws InterruptedException {
    try {
      return ready.get(UNTIL_READY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "a program ended, or was not ready within %d s; what it wrote is in %s"
              .formatted(UNTIL_READY.toSeconds(), log),
          e);
    }
  }

  boolean running() {
    return process.isAlive();
  }

  /** Waits until the program ends, and returns its exit code. */
  int awaitEnd() throws InterruptedException {
    int code = process.waitFor();
    reader.join();
    guard.dismiss();
    return code;
  }

  /** Ends the program with SIGTERM, or by force after 45 seconds; returns its exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(UNTIL_STOPPED.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
    }
    return awaitEnd();
  }

  /** Kills the program, which simulates a crash. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    awaitEnd();
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }
}
