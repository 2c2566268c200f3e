package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server that runs as a process of this machine, together with its child processes. */
final class LocalRunner implements ServerRunner {
  private static final int LOG_LINES = 40;

  private final Plan plan;
  private final TestWorkspace workspace;
  private @Nullable Process process;
  private boolean paused;

  /**
   * The command line of a server, and the signals that end it.
   *
   * @param kind the origin of the programs, for messages
   * @param stopSignal the signal that makes the server stop in order
   * @param abandonSignal the signal that ends the server and its child processes after this JVM has
   *     ended, or when the workspace is closed
   */
  record Plan(
      String kind,
      List<String> command,
      Map<String, String> environment,
      String stopSignal,
      String abandonSignal) {}

  LocalRunner(Plan plan, TestWorkspace workspace) {
    this.plan = plan;
    this.workspace = workspace;
  }

  @Override
  public String kind() {
    return plan.kind();
  }

  @Override
  public boolean controllable() {
    return true;
  }

  @Override
  public void start() {
    var command = new ArrayList<>(TestWorkspace.detached());
    command.addAll(plan.command());
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // The process gets a directory of its own, because an unprivileged user may not be allowed to
    // enter this JVM's directory.
    builder.directory(workspace.directory().toFile());
    builder.environment().putAll(plan.environment());
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(workspace.file("server.log").toFile()));
    builder.redirectInput(ProcessBuilder.Redirect.from(Executables.NO_INPUT.toFile()));
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("Could not start " + plan.command().get(0), e);
    }
    workspace.guard(plan.abandonSignal(), process.pid());
  }

  @Override
  public void kill() {
    var running = running();
    standStill(running);
    var children = running.descendants().toList();
    // The parent is killed first, because it would react to the end of its children.
    running.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    ended(running);
    children.forEach(LocalRunner::awaitEnd);
  }

  @Override
  public void stop() {
    var running = running();
    resume();
    var children = running.descendants().toList();
    UnixSignals.send(plan.stopSignal(), Stream.of(running.toHandle()));
    ended(running);
    // Kills the helper processes of the server that do not end with it.
    children.forEach(ProcessHandle::destroyForcibly);
  }

  private void ended(Process ending) {
    try {
      ending.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for a server to end.", e);
    }
    paused = false;
    workspace.guardNothing();
  }

  // The time of the wait is limited, because an ended process can remain as a zombie if process 1
  // does not remove it.
  private static void awaitEnd(ProcessHandle orphan) {
    orphan.onExit().completeOnTimeout(orphan, 2, TimeUnit.SECONDS).join();
  }

  @Override
  public void pause() {
    var running = running();
    standStill(running);
    UnixSignals.send("STOP", running.descendants());
    paused = true;
  }

  /**
   * Freezes the parent process, so that it starts no further child after its children were listed
   * and before they get their signal.
   */
  private static void standStill(Process parent) {
    UnixSignals.send("STOP", Stream.of(parent.toHandle()));
    UnixSignals.awaitStopped(parent.pid());
  }

  @Override
  public void resume() {
    if (paused) {
      var running = running();
      UnixSignals.send("CONT", running.descendants());
      UnixSignals.send("CONT", Stream.of(running.toHandle()));
      paused = false;
    }
  }

  private Process running() {
    if (process == null || !process.isAlive()) {
      throw new IllegalStateException("The server does not run: it was ended before. Restart it.");
    }
    return process;
  }

  @Override
  public boolean endedWithin(Duration patience) {
    try {
      return process == null || process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public String log() {
    try {
      var lines = Files.readAllLines(workspace.file("server.log"));
      return String.join(
          System.lineSeparator(),
          lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    } catch (IOException e) {
      return "(its log could not be read: " + e.getMessage() + ")";
    }
  }

  @Override
  public void close() {
    workspace.close();
  }
}
