package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
  private static final int START_UP_BYTES = 1_000_000;
  private static final Duration UNTIL_READY = Duration.ofMinutes(5);

  private final int number;
  private final ChaosEnvironment site;
  private final FaultProxy toDatabase;
  private final FaultProxy toBroker;
  private final RunLog runLog;
  private @Nullable ChaosRelayProcess process;
  private long logBefore;
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
      logBefore = Files.exists(log()) ? Files.size(log()) : 0;
      process =
          ChaosRelayProcess.start(
              site.config(), environment(), log(), site.options().relaySettings());
      starts++;
    }
  }

  private Map<String, String> environment() {
    return Map.of(
        "CHAOS_RELAY", applicationName(),
        "CHAOS_DATABASE_PORT", Integer.toString(toDatabase.port()),
        "CHAOS_BROKER_PORT", Integer.toString(toBroker.port()),
        "CHAOS_PASSWORD", ChaosEnvironment.PASSWORD);
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
  synchronized void terminate() throws IOException, InterruptedException {
    var running = process;
    if (running != null) {
      boolean young = written().isEmpty();
      int code = running.terminate();
      process = null;
      if (code != 0 && !(young && code == ENDED_BY_SIGTERM)) {
        runLog.found(
            "relay %d ended with %d after SIGTERM, and 0 was expected; see %s"
                .formatted(number, code, log()));
      }
    }
  }

  /**
   * Waits until the relay reports that it is ready. If it is not within 5 minutes, reports a
   * finding.
   */
  synchronized void awaitReady() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + UNTIL_READY.toNanos();
    while (!written().contains(" ready")) {
      if (System.nanoTime() > deadline) {
        runLog.found(
            "relay %d was not ready within %s; see %s".formatted(number, UNTIL_READY, log()));
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /** Returns the output of the current process. */
  private String written() throws IOException {
    try (var log = Files.newByteChannel(log())) {
      log.position(logBefore);
      return new String(
          Channels.newInputStream(log).readNBytes(START_UP_BYTES), StandardCharsets.UTF_8);
    }
  }

  synchronized void signal(String name) throws IOException, InterruptedException {
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
    int code = was.ended();
    process = null;
    endsByItself++;
    boolean ready = written().contains(" ready");
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
