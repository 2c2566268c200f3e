package io.outboxrelay.app;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.testkit.Chromium;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestBroker;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands, the configuration and the SQL of README.md from "Run it on your own database"
 * to the first message. They run with the packaged jar, in an empty folder, as a user without
 * rights. Only addresses are replaced.
 */
class ReadmeWalkIT {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```(\\w+)\n(.*?)^ *```$");

  private static final Pattern IDLE = Pattern.compile("<h1>(<!--[^>]*-->)*(Idle|Delivering)");

  @TempDir private Path folder = Path.of("set by JUnit");
  private final PostgresServer server = PostgresServer.start();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void kafka() throws Exception {
    var kafka = KafkaServer.shared();
    String address = String.valueOf(kafka.settings().get("bootstrap.servers"));
    String reader = block("bash", "kafka-console-consumer.sh");
    assertThat(reader).contains("--bootstrap-server localhost:9092 ", " --from-beginning");
    walk("broker: kafka", "localhost:9092", address, kafka, word(reader, "--topic (\\S+)"));
  }

  @Test
  void rabbitmq() throws Exception {
    var rabbit = RabbitServer.shared();
    String queue = rabbit.newDestination(Map.of());
    String declarations = block("bash", "rabbitmqadmin");
    for (String line : declarations.lines().toList()) {
      declare(rabbit, queue, line);
    }
    assertThat(word(block("bash", "rabbitmqadmin get"), "rabbitmqadmin get queue=(\\S+)"))
        .isEqualTo(word(declarations, "declare queue name=(\\S+)"));
    String address = String.valueOf(rabbit.settings().get("uri"));
    walk("broker: rabbitmq", "amqp://localhost:5672", address, rabbit, queue);
  }

  private static String word(String text, String pattern) {
    var found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
    return found.group(1);
  }

  /**
   * Does the work of a rabbitmqadmin command, because the test's server lacks the plugin for it;
   * the queue has a name of its own.
   */
  private static void declare(RabbitServer rabbit, String queue, String line) {
    assertThat(line).startsWith("rabbitmqadmin declare ");
    var arguments = new HashMap<String, String>();
    for (String word : line.replace("'", "").split(" ")) {
      if (word.contains("=")) {
        arguments.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
      }
    }
    if (line.contains("declare exchange")) {
      assertThat(arguments).containsEntry("type", "topic");
      rabbit.createTopicExchange(given(arguments, "name"));
    } else if (line.contains("declare binding")) {
      rabbit.bind(queue, given(arguments, "source"), given(arguments, "routing_key"));
    }
  }

  private static String given(Map<String, String> arguments, String name) {
    String value = arguments.get(name);
    assertThat(value).as(name).isNotNull();
    return String.valueOf(value);
  }

  private void walk(
      String chosen, String documented, String address, TestBroker broker, String destination)
      throws Exception {
    assumeTrue(ended(List.of("psql", "--version")) == 0, "LEFT OUT: there is no psql");
    prepare();
    Files.writeString(
        folder.resolve("relay.yaml"),
        block("yaml", chosen)
                .replace(documented, address)
                .replace("localhost:5432", server.host() + ":" + server.port())
            + "\n"
            + console());
    var run = block("bash", " check --as").lines().toList();
    shell(block("bash", "create role relay"), block("bash", "init --print"), run.get(0));

    superuser("create table orders (id int, state text); grant all on orders to app");
    var relay = start(block("bash", "create role relay"), run.get(1));
    try {
      await().atMost(PATIENCE).until(() -> said("leading shard 0"));
      shell(
          "PGPASSWORD=app-secret psql -q -U app -v ON_ERROR_STOP=1 app <<'SQL'\n"
              + block("sql", "insert into outbox")
              + "SQL\n");
      var messages = broker.consume(destination, 1, PATIENCE);
      assertThat(messages).hasSize(1);
      assertThat(messages.get(0).headers())
          .containsEntry("event-type", "order-paid")
          .containsEntry("aggregate-id", "42");
      Chromium.program().ifPresent(this::lookAtTheConsole);
    } finally {
      relay.destroy();
      assertThat(relay.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Returns the settings that switch on the console according to the page. */
  private static String console() throws IOException {
    var said =
        Pattern.compile("With `(admin: [^`]+)` in the configuration")
            .matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(said.find()).isTrue();
    return said.group(1);
  }

  /**
   * Opens the console. The relay listens on any free port, because other tests run at the same
   * time.
   */
  private void lookAtTheConsole(Path chromium) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(page(chromium)).containsPattern(IDLE));
  }

  private String page(Path chromium) throws Exception {
    var address = Pattern.compile("admin listens on (http://\\S+)").matcher(output());
    assertThat(address.find()).isTrue();
    var browser =
        new ProcessBuilder(
                chromium.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + Path.of("target", "chromium").toAbsolutePath(),
                "--virtual-time-budget=10000",
                "--dump-dom",
                address.group(1))
            .redirectError(Redirect.DISCARD)
            .start();
    try (var page = browser.getInputStream()) {
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      browser.destroy();
      assertThat(browser.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Prepares a folder that holds only the jar, and to which the user without rights may write. */
  private void prepare() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path jar = folder.resolve("outbox-relay.jar");
    Files.copy(FatJar.JAR, jar);
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private void shell(String... script) throws Exception {
    int code = ended(List.of("bash", "-e", "-o", "pipefail", "-c", String.join("\n", script)));
    assertThat(code).as("%s", output()).isZero();
  }

  private Process start(String environment, String command) throws IOException {
    String export =
        environment.lines().filter(line -> line.startsWith("export ")).findFirst().orElseThrow();
    return process(List.of("bash", "-e", "-c", export + "\nexec " + command)).start();
  }

  private void superuser(String sql) throws Exception {
    shell("psql -q -U postgres -v ON_ERROR_STOP=1 app -c '" + sql + "'");
  }

  private int ended(List<String> command) throws Exception {
    var process = process(command).start();
    assertThat(process.waitFor(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private ProcessBuilder process(List<String> command) {
    var all = new ArrayList<String>();
    if (System.getProperty("user.name", "").equals("root")) {
      all.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    }
    all.addAll(command);
    var builder =
        new ProcessBuilder(
                all.stream()
                    .map(word -> word.replace("-U postgres", "-U " + server.user()))
                    .toList())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(folder.resolveSibling(name()).toFile()));
    var environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("OUTBOX_RELAY_"));
    environment.put(
        "PATH", Path.of(System.getProperty("java.home"), "bin") + ":" + environment.get("PATH"));
    environment.put("HOME", folder.toString());
    environment.put("PGHOST", server.host());
    environment.put("PGPORT", Integer.toString(server.port()));
    environment.put("PGPASSWORD", server.password());
    // A free port, because other tests run at the same time.
    environment.put("OUTBOX_RELAY_ADMIN_PORT", "0");
    return builder;
  }

  private String name() {
    return folder.getFileName() + ".log";
  }

  private String output() throws IOException {
    return Files.readString(folder.resolveSibling(name()));
  }

  private boolean said(String text) throws IOException {
    return output().contains(text);
  }

  /** Returns the first code block of this language with this text, without its indentation. */
  private static String block(String language, String text) throws IOException {
    return BLOCK
        .matcher(Files.readString(Path.of("..", "README.md")))
        .results()
        .filter(block -> block.group(2).equals(language) && block.group(3).contains(text))
        .findFirst()
        .map(
            block ->
                block.group(3).replaceAll("(?m)^" + Matcher.quoteReplacement(block.group(1)), ""))
        .orElseThrow(() -> new AssertionError("README.md has no " + language + " with " + text));
  }
}
