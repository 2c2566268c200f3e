package io.outboxrelay.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A real Debezium Server. The system property {@code debezium.server} names the folder into which
 * its distribution was unpacked. The property {@code debezium.java} names the Java program with
 * which it runs, because it needs Java 21 or later.
 */
public final class DebeziumServer implements AutoCloseable {
  private static final int OLDEST_JAVA = 21;
  private static final Duration UNTIL_STARTED = Duration.ofMinutes(2);
  private static final Pattern VERSION = Pattern.compile("version \"(\\d+)");

  private final TestWorkspace workspace;
  private final JavaProcess process;

  private DebeziumServer(TestWorkspace workspace, JavaProcess process) {
    this.workspace = workspace;
    this.process = process;
  }

  /**
   * Returns the reason why no Debezium Server can be started on this machine; empty if one can be
   * started.
   */
  public static Optional<String> absence() {
    String folder = System.getProperty("debezium.server", "");
    if (folder.isEmpty()) {
      return Optional.of(
          "no Debezium Server is there: unpack io.debezium:debezium-server-dist:tar.gz, and name"
              + " its folder with -Ddebezium.server=");
    }
    if (runner(Path.of(folder)) == null) {
      return Optional.of("the folder " + folder + " has no debezium-server-dist-…-runner.jar");
    }
    int version = javaVersion();
    return version >= OLDEST_JAVA
        ? Optional.empty()
        : Optional.of(
            "Debezium Server needs Java %d or later, and %s is %s; name another with -Ddebezium.java="
                .formatted(OLDEST_JAVA, java(), version == 0 ? "no Java" : "Java " + version));
  }

  private static Path java() {
    String named = System.getProperty("debezium.java", "");
    return named.isEmpty()
        ? Path.of(System.getProperty("java.home"), "bin", "java")
        : Path.of(named);
  }

  private static int javaVersion() {
    try {
      var asked =
          new ProcessBuilder(java().toString(), "-version").redirectErrorStream(true).start();
      var matcher =
          VERSION.matcher(
              new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      asked.waitFor(1, TimeUnit.MINUTES);
      return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private static @Nullable Path runner(Path folder) {
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("-runner.jar"))
          .findAny()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  /** Returns the properties with which a server reads a database. */
  public static Map<String, String> source(TestDatabase database) {
    var server = database.server();
    return Map.of(
        "debezium.source.database.hostname", server.host(),
        "debezium.source.database.port", Integer.toString(server.port()),
        "debezium.source.database.user", server.user(),
        "debezium.source.database.password", server.password(),
        "debezium.source.database.dbname", database.name());
  }

  /**
   * Starts a server, and waits until it reads the log.
   *
   * @param properties the content of {@code application.properties}, without the setting for the
   *     file of the offsets
   */
  public static DebeziumServer start(Map<String, String> properties) {
    var workspace = TestWorkspace.create("debezium");
    var all = new Properties();
    all.setProperty("quarkus.log.console.json", "false");
    all.setProperty("quarkus.http.host", "127.0.0.1");
    all.setProperty("quarkus.http.port", "0");
    all.setProperty(
        "debezium.source.offset.storage",
        "org.apache.kafka.connect.storage.FileOffsetBackingStore");
    all.setProperty(
        "debezium.source.offset.storage.file.filename", workspace.file("offsets").toString());
    all.setProperty("debezium.source.offset.flush.interval.ms", "0");
    properties.forEach(all::setProperty);
    try {
      var config = Files.createDirectory(workspace.file("config"));
      try (var writer = Files.newBufferedWriter(config.resolve("application.properties"))) {
        all.store(writer, null);
      }
      var server = new DebeziumServer(workspace, process(workspace.directory()));
      server.process.awaitLine("Processing messages", UNTIL_STARTED);
      return server;
    } catch (IOException e) {
      workspace.close();
      throw new UncheckedIOException("Could not start a Debezium Server", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while a Debezium Server starts", e);
    }
  }

  private static JavaProcess process(Path directory) throws IOException {
    var folder = Path.of(System.getProperty("debezium.server", "")).toAbsolutePath();
    String classes =
        runner(folder) + File.pathSeparator + folder.resolve("lib") + File.separator + "*";
    return JavaProcess.launcher(
            java(), List.of("-Xmx512m", "-cp", classes, "io.debezium.server.Main"))
        .in(directory)
        .newLog(directory.resolve("log"))
        .start();
  }

  /**
   * Returns true until the server has ended. A server ends, for example, if it cannot convert an
   * event.
   */
  public boolean running() {
    return process.running();
  }

  /** Returns everything that the server has written. */
  public String log() {
    return process.out();
  }

  /** Stops the server, and waits for its end. */
  public void stop() throws InterruptedException {
    process.stop();
  }

  @Override
  public void close() throws InterruptedException {
    process.close();
    workspace.close();
  }
}
