package io.outboxrelay.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, in the unpacked distribution of the packaged jar. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class LauncherIT {
  private static final Path BUILD = Path.of("../packaging/launcher/build");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Map<String, String> environment = new HashMap<>();
  private static Path distribution;
  private Path folder;

  @BeforeAll
  static void build(@TempDir Path directory) throws Exception {
    distribution = Path.of(output(List.of(BUILD.toString(), directory.toString())).trim());
  }

  @BeforeEach
  void unpack(@TempDir Path directory) throws Exception {
    output(List.of("tar", "-xzf", distribution.toString(), "-C", directory.toString()));
    try (var unpacked = Files.list(directory)) {
      folder = unpacked.findFirst().orElseThrow();
    }
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("OUTBOX_RELAY_ADMIN_PORT", "0");
  }

  @Test
  void publishesAnEventWithTheArchiveThatItMade() throws Exception {
    assertThat(run("--make-archive")).contains("outbox-relay: made ");
    try (var database = PostgresServer.shared().createDatabase()) {
      var kafka = KafkaServer.shared();
      var topic = kafka.newDestination();
      environment.put("RELAY_DB_PASSWORD", PostgresServer.shared().password());
      environment.put("OUTBOX_RELAY_DATABASE_URI", database.uri());
      environment.put("OUTBOX_RELAY_KAFKA_TOPIC", topic);
      environment.put(
          "OUTBOX_RELAY_KAFKA_BOOTSTRAP_SERVERS",
          String.valueOf(kafka.settings().get("bootstrap.servers")));
      assertThat(run("-conf", "conf/kafka.yaml", "init")).doesNotContain("archive");
      database.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
              + " values ('order', 'order-42', 'order-placed', '1')");
      var log = folder.resolve("log");
      var loaded = folder.resolve("loaded");
      environment.put("JAVA_OPTS", "-Xlog:class+load:file=" + loaded);
      publish(kafka, topic, log, "-conf", "conf/kafka.yaml");
      assertThat(Files.readString(log)).doesNotContain("archive", "[cds]", "[aot]");
      thatTheArchiveHoldsNearlyAll(loaded);

      environment.remove("JAVA_OPTS");
      var again = kafka.newDestination();
      environment.put("OUTBOX_RELAY_KAFKA_TOPIC", again);
      database.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
              + " values ('order', 'order-42', 'order-paid', '2')");
      publish(kafka, again, log, "--make-archive", "-conf", "conf/kafka.yaml");
      assertThat(Files.readString(log)).contains("outbox-relay: made ");
      assertThat(run("--version")).matches("outbox-relay \\d[^\n]*\n");
    }
  }

  private void publish(KafkaServer kafka, String topic, Path log, String... arguments)
      throws Exception {
    var relay = start(log, arguments);
    try {
      assertThat(kafka.consume(topic, 1, PATIENCE)).hasSize(1);
      relay.destroy();
      assertThat(relay.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(relay.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      relay.destroyForcibly();
    }
  }

  /**
   * Otherwise the list of classes is out of date; {@code load-tests/bench train} records another.
   */
  private static void thatTheArchiveHoldsNearlyAll(Path loaded) throws IOException {
    var classes = Files.readAllLines(loaded);
    var archived =
        classes.stream().filter(line -> line.contains("source: shared objects")).toList();
    var fromJar = classes.stream().filter(line -> line.contains("source: file:")).toList();
    assertThat(archived).hasSizeGreaterThan(5_000);
    assertThat(fromJar).hasSizeLessThan(100);
  }

  @Test
  void withoutItsListItMakesNoArchiveAndSaysSo() throws Exception {
    Files.delete(folder.resolve("outbox-relay.classes"));

    assertThat(run("--make-archive"))
        .contains("no archive was made, because there is no list " + folder);
  }

  @Test
  void aRelayThatFailsMakesNoArchive() throws Exception {
    assertThat(run("--make-archive", "-conf", "none.yaml"))
        .contains("no archive was made, because the relay ended with exit code 2");
  }

  @Test
  void withoutAnArchiveItSaysSoAndRuns() throws Exception {
    assertThat(run("--version"))
        .contains("outbox-relay: there is no archive", "outbox-relay --make-archive makes it")
        .containsPattern("outbox-relay \\d");
  }

  @Test
  void anArchiveOfAnotherJarIsNotUsed() throws Exception {
    for (String suffix : List.of("jsa", "aot")) {
      Files.writeString(folder.resolve("outbox-relay." + suffix), "no archive");
      Files.writeString(folder.resolve("outbox-relay." + suffix + ".fits"), "another.jar 17");
    }

    assertThat(run("--version"))
        .contains("was made for another jar or another Java")
        .containsPattern("outbox-relay \\d");
  }

  @Test
  void anArchiveThatJavaRefusesIsIgnoredWithoutAWord() throws Exception {
    assertThat(run("--make-archive")).contains("outbox-relay: made ");
    for (String suffix : List.of("jsa", "aot")) {
      var archive = folder.resolve("outbox-relay." + suffix);
      if (Files.exists(archive)) {
        Files.writeString(archive, "no archive");
      }
    }

    assertThat(run("--version")).matches("outbox-relay \\d[^\n]*\n");
  }

  @Test
  void anArchiveOfAnEarlierJarIsNotUsed() throws Exception {
    assertThat(run("--make-archive")).contains("outbox-relay: made ");
    var jar = folder.resolve("outbox-relay.jar");
    var changed = Files.getLastModifiedTime(jar).toInstant().plusSeconds(60);
    Files.setLastModifiedTime(jar, FileTime.from(changed));

    assertThat(run("--version"))
        .contains("was made for another jar or another Java")
        .containsPattern("outbox-relay \\d");
  }

  @Test
  void aMissingJarOrJavaIsToldInASentence() throws Exception {
    environment.put("RELAY_JAR", folder.resolve("none.jar").toString());
    assertThat(run("--version")).contains("outbox-relay: there is no file " + folder);

    environment.remove("RELAY_JAR");
    environment.put("JAVA_HOME", "/nowhere");
    assertThat(run("--version"))
        .isEqualTo(
            "outbox-relay: JAVA_HOME is /nowhere, but /nowhere/bin/java cannot be run; name the"
                + " folder of a Java 17 or later\n");
  }

  private static String output(List<String> command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed;
  }

  private String run(String... arguments) throws IOException, InterruptedException {
    var output = folder.resolve("output");
    var process = start(output, arguments);
    assertThat(process.waitFor(8, TimeUnit.MINUTES)).isTrue();
    return Files.readString(output);
  }

  private Process start(Path output, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(folder.resolve("outbox-relay").toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("OUTBOX_RELAY_"));
    builder.environment().putAll(environment);
    var process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return process;
  }
}
