package io.outboxrelay.demo;

import io.outboxrelay.testkit.JavaProcess;
import io.outboxrelay.testkit.relay.PackagedRelay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The relay of the demo: its preparation, and its running process. */
final class DemoRelayProcess implements AutoCloseable {
  private static final Duration UNTIL_READY = Duration.ofSeconds(60);
  private static final String LISTENS = "admin listens on ";

  private final JavaProcess process;
  private final Path log;

  private DemoRelayProcess(JavaProcess process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Creates the outbox with {@code init}, then starts the relay; returns when it is ready.
   *
   * @param log the file for the relay's output; it is overwritten
   * @param say receives the commands, and the lines that they print until the relay is ready
   * @throws IllegalStateException if a command fails, or the relay is not ready within 60 seconds
   */
  static DemoRelayProcess start(PackagedRelay relay, Path log, Consumer<String> say)
      throws IOException, InterruptedException {
    init(relay, log, say);
    say.accept("$ " + relay.commandLine(List.of()));
    var starting = new AtomicBoolean(true);
    var process =
        relay
            .process()
            .log(log)
            .onLine(
                line -> {
                  if (starting.get()) {
                    say.accept("  " + line);
                    starting.set(!line.endsWith(PackagedRelay.READY));
                  }
                })
            .start();
    try {
      process.awaitLine(PackagedRelay.READY, UNTIL_READY);
      return new DemoRelayProcess(process, log);
    } catch (IllegalStateException | InterruptedException e) {
      process.close();
      throw e;
    }
  }

  private static void init(PackagedRelay relay, Path log, Consumer<String> say)
      throws IOException, InterruptedException {
    say.accept("$ " + relay.commandLine(List.of("init")));
    Files.deleteIfExists(log);
    say.accept("  " + relay.init(log));
  }

  /**
   * Returns the URL of the relay's console. Waits until the relay has reported it, which may be
   * after it is ready, because events do not wait for the console.
   *
   * @throws IllegalStateException if it is not reported within 60 seconds
   */
  String awaitConsole() throws InterruptedException {
    var line = process.awaitLine(LISTENS, UNTIL_READY);
    return line.substring(line.indexOf(LISTENS) + LISTENS.length()).split("\\s", 2)[0];
  }

  /** Returns a sentence that reports this exit code. */
  String ended(int code) {
    return "The relay ended with exit code " + code + "; what it wrote is in " + log + ".";
  }

  boolean running() {
    return process.running();
  }

  /** Ends the relay with SIGTERM, and returns its exit code. */
  int stop() throws InterruptedException {
    return process.stop();
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }
}
