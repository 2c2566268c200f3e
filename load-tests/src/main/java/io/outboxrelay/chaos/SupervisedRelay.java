package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.JavaProcess;
import io.outboxrelay.testkit.relay.PackagedRelay;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One relay with its successive processes and its two proxies.
 *
 * <p>Like a supervisor, it restarts a process that ended by itself. The exit code tells if that end
 * is a finding.
 */
final class SupervisedRelay implements AutoCloseable {
  /**
   * The exit code if the database refuses the relay permanently. It is allowed only before the
   * relay was ready.
   */
  private static final int REFUSED_BY_DATABASE = 3;

  private static final int ENDED_BY_SIGTERM = 143;
  private static final Duration UNTIL_READY = Duration.ofMinutes(5);

  private final int number;
  private final ChaosEnvironment site;
  private final FaultProxy toDatabase;
  private final FaultProxy toBroker;
  private final RunLog runLog;
  private @Nullable JavaProcess process;
  private int starts;
  private int endsByItself;

  SupervisedRelay(int number, ChaosEnvironment site, FaultProxy toDatabase, FaultProxy toBroker) {
    this.number = number;
    this.site = site;
    this.toDatabase = toDatabase;
    this.toBroker = toBroker;
    this.runLog = site.runLog();
  }

  int number() {
    return number;
  }

  FaultProxy toDatabase() {
    return toDatabase;
  }

  FaultProxy toBroker() {
    return toBroker;
  }

  /** Returns the application name of its database sessions. */
  String applicationName() {
    return "relay-" + number;
  }

  Path log() {
    return runLog.folder().resolve(applicationName() + ".log");
  }

  synchronized long pid() {
    return process == null ? -1 : process.pid();
  }

  synchronized int starts() {
    return starts;
  }

  synchronized int endsByItself() {
    return endsByItself;
  }

  synchronized void start() throws IOException {
    if (process == null) {
      process = site.startRelay(applicationName(), toDatabase.port(), toBroker.port());
      starts++;
    }
  }

  synchronized void kill() throws InterruptedException {
    var running = process;
    if (running != null) {
      running.kill();
      process = null;
    }
  }

  /**
   * Stops the relay with SIGTERM, which must end it with exit code 0 under any fault. Before its
   * first output the signal may also end the JVM with exit code 143.
   */
  synchronized void terminate() throws InterruptedException {
    var running = process;
    if (running != null) {
      boolean young = running.out().isEmpty();
      int code = running.stop();
      process = null;
      if (code != 0 && !(young && code == ENDED_BY_SIGTERM)) {
        runLog.found(
            "relay %d ended with %d after SIGTERM, and 0 was expected; see %s"
                .formatted(number, code, log()));
      }
    }
  }

  /**
   * Waits until the relay reports that it is ready. If it ends before, or is not ready within 5
   * minutes, reports a finding.
   */
  synchronized void awaitReady() throws InterruptedException {
    var starting = process;
    try {
      if (starting != null) {
        starting.awaitLine(PackagedRelay.READY, UNTIL_READY);
      }
    } catch (IllegalStateException e) {
      runLog.found(
          "relay %d ended, or was not ready within %s; see %s"
              .formatted(number, UNTIL_READY, log()));
    }
  }

  synchronized void signal(String name) {
    if (process != null) {
      process.signal(name);
    }
  }

  /** Starts the relay again if its process has ended by itself. */
  synchronized void supervise() throws IOException, InterruptedException {
    var was = process;
    if (was == null || was.running()) {
      return;
    }
    int code = was.awaitEnd();
    process = null;
    endsByItself++;
    boolean ready = was.hasWritten(PackagedRelay.READY);
    String end =
        "relay %d ended by itself with exit code %d, %s it was ready"
            .formatted(number, code, ready ? "after" : "before");
    runLog.say(end);
    if (code != REFUSED_BY_DATABASE || ready) {
      runLog.found(end + "; see " + log());
    }
    start();
  }

  /** Ends all faults of its proxies. */
  void heal() {
    List.of(toDatabase, toBroker).forEach(FaultProxy::heal);
  }

  @Override
  public synchronized void close() {
    try {
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
