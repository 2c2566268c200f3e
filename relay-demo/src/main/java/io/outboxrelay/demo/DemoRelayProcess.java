package io.outboxrelay.demo;

import io.outboxrelay.testkit.OrphanProcessGuard;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The running relay: the packaged jar in a process of its own.
 *
 * <p>It is ended with SIGTERM by {@link #stop()}, or when this JVM ends for any reason.
 */
final class DemoRelayProcess implements AutoCloseable {
  private static final Duration UNTIL_READY = Duration.ofSeconds(60);
  private static final Duration UNTIL_STOPPED = Duration.ofSeconds(45);
  private static final String READY = " ready";
  private static final Pattern CONSOLE = Pattern.compile("admin listens on (https?://\\S+)");

  private final Process process;
  private final OrphanProcessGuard guard;
  private final Path log;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final CompletableFuture<String> console = new CompletableFuture<>();
  private final Thread reader;

  private DemoRelayProcess(Process process, Path log, Consumer<String> startUp) throws IOException {
    this.process = process;
    this.guard = OrphanProcessGuard.of(process.pid());
    this.log = log;
    this.reader = new Thread(() -> read(startUp), "relay-output");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts the relay; returns when it reports that it is ready.
   *
   * @param startUp gets the lines that the relay writes until it is ready
   * @throws IllegalStateException if it ends before, or is not ready within 60 seconds
   */
  static DemoRelayProcess start(DemoRelayCommand command, Consumer<String> startUp)
      throws IOException, InterruptedException {
    var relay =
        new DemoRelayProcess(
            command.of(List.of()).redirectErrorStream(true).start(), command.log(), startUp);
    try {
      relay.ready.get(UNTIL_READY.toMillis(), TimeUnit.MILLISECONDS);
      return relay;
    } catch (ExecutionException e) {
      relay.close();
      throw new IllegalStateException(
          "the relay ended before it was ready; what it wrote is in " + command.log(), e);
    } catch (TimeoutException e) {
      relay.close();
      throw new IllegalStateException(
          "the relay was not ready within %d s; what it wrote is in %s"
              .formatted(UNTIL_READY.toSeconds(), command.log()),
          e);
    } catch (InterruptedException e) {
      relay.close();
      throw e;
    }
  }

  private void read(Consumer<String> startUp) {
    try (var lines = process.inputReader(StandardCharsets.UTF_8);
        var copy = new PrintWriter(Files.newBufferedWriter(log, StandardOpenOption.APPEND), true)) {
      readUntilEnd(lines, copy, startUp);
    } catch (IOException e) {
      ready.completeExceptionally(e);
      console.completeExceptionally(e);
    } finally {
      var end = new IOException("the end of its output");
      ready.completeExceptionally(end);
      console.completeExceptionally(end);
    }
  }

  private void readUntilEnd(BufferedReader lines, PrintWriter copy, Consumer<String> startUp)
      throws IOException {
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      copy.println(line);
      if (!ready.isDone()) {
        startUp.accept(line);
      }
      var listens = CONSOLE.matcher(line);
      if (listens.find()) {
        console.complete(listens.group(1));
      }
      if (line.endsWith(READY)) {
        ready.complete(null);
      }
    }
  }

  /**
   * Returns the URL of the relay's console. Waits until the relay has reported it, which may be
   * after it is ready, because events do not wait for the console.
   *
   * @throws IllegalStateException if it is not reported within 60 seconds
   */
  String awaitConsole() throws InterruptedException {
    try {
      return console.get(UNTIL_READY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "the relay opened no console within %d s; what it wrote is in %s"
              .formatted(UNTIL_READY.toSeconds(), log),
          e);
    }
  }

  /** Returns a sentence that reports this exit code. */
  String ended(int code) {
    return "The relay ended with exit code " + code + "; what it wrote is in " + log + ".";
  }

  boolean running() {
    return process.isAlive();
  }

  /** Ends the relay with SIGTERM, or by force after 45 seconds, and returns its exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(UNTIL_STOPPED.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
    reader.join();
    guard.dismiss();
    return process.exitValue();
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }
}
