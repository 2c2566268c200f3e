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
 * One of the relays, over all the processes that it has been, with the two links that it works
 * through.
 *
 * <p>Restarts a process that ended though nobody asked it to, as a supervisor would; whether that
 * was right is told by its exit code.
 */
final class SupervisedRelay implements AutoCloseable {
  /** The database lastingly refuses the relay, which it may say at its start only. */
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

  /** The name that its sessions have in the database. */
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
   * Stops it in good order, which it has to manage whatever else is going on, once it has said who
   * it is: before, the signal ends the virtual machine.
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

  /** Waits until it has said that it is ready; gives up where that takes too long. */
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

  /** What the process of now has written. */
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

  /** Starts it again where it has ended by itself. */
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

  /** Undoes whatever was done to its links. */
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
