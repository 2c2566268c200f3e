package io.outboxrelay.demo;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs {@code ./demo --keep}, runs the lines that it prints, and then ends it. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KeptDemoIT {
  private static final String LAST_LINE = "the demo's database and the folder ";

  @ParameterizedTest
  @ValueSource(strings = {"kafka", "rabbitmq"})
  void itStaysUpForAUserAndLeavesNothingBehind(String broker) throws Exception {
    var demo = DemoScript.start("--keep", "--broker", broker);
    var output = demo.inputReader(StandardCharsets.UTF_8);
    var guide = readUntil(output, LAST_LINE);
    var children = demo.descendants().toList();
    var folders = Stream.concat(serverFolders(children), keptFolder(guide)).toList();

    try {
      assertThat(get(found(guide, "(?m)^  (http://\\S+)$").group(1))).contains("<html");
      insert(guide);
      assertThat(firstMessageOfTheUser(guide)).contains("{\"placed\": \"by hand\"}", "OrderPlaced");
      assertThat(relayLine(guide, "status")).contains("shard 0: led by");
      assertThat(relayLine(guide, "events")).contains("my-order", "published");
      assertThat(children).as("children").isNotEmpty().anyMatch(ProcessHandle::isAlive);
      assertThat(folders).as("folders").hasSizeGreaterThan(1).allMatch(Files::exists);
    } finally {
      DemoScript.interrupt(demo);
    }

    var rest = output.lines().collect(joining("\n"));
    assertThat(demo.waitFor()).as(guide + rest).isZero();
    assertThat(rest).contains("Stopped: ").doesNotContain("The relay ended");
    assertThat(children).as("processes left").noneMatch(KeptDemoIT::runs);
    assertThat(folders).as("folders left").noneMatch(Files::exists);
  }

  private static String readUntil(BufferedReader output, String last) throws IOException {
    var read = new StringBuilder();
    for (var line = output.readLine(); line != null; line = output.readLine()) {
      read.append(line).append('\n');
      if (line.startsWith(last)) {
        return read.toString();
      }
    }
    throw new AssertionError("The demo has ended; its output: " + read);
  }

  private static MatchResult found(String text, String pattern) {
    var matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as("%s in: %s", pattern, text).isTrue();
    return matcher.toMatchResult();
  }

  private static String get(String url) throws IOException, InterruptedException {
    var answer =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  private static void insert(String guide) throws SQLException {
    var login =
        found(guide, "(?m)^  PGPASSWORD=(\\S+) psql -h (\\S+) -p (\\d+) -U (\\S+) -d (\\S+)$");
    var statement = found(guide, "(?s)\n  (insert into outbox [^;]*;)").group(1);
    var url = "jdbc:postgresql://%s:%s/%s";
    try (var connection =
            DriverManager.getConnection(
                url.formatted(login.group(2), login.group(3), login.group(5)),
                login.group(4),
                login.group(1));
        var insert = connection.createStatement()) {
      assertThat(insert.executeUpdate(statement)).isEqualTo(1);
    }
  }

  private static String firstMessageOfTheUser(String guide) throws IOException {
    var line = found(guide, "(?m)^  (OUTBOX_TEST_\\S+ java .*)$").group(1);
    var reader = DemoScript.shell(line);
    try (var lines = reader.inputReader(StandardCharsets.UTF_8)) {
      return lines.lines().filter(message -> message.contains("by hand")).findFirst().orElse("");
    } finally {
      reader.destroy();
    }
  }

  private static String relayLine(String guide, String command) throws IOException {
    var password = found(guide, "(?m)^  export (RELAY_DB_PASSWORD=\\S+)$").group(1);
    var line = found(guide, "(?m)^  (java -jar \\S+ " + command + "( .*)?)$").group(1);
    var process = DemoScript.shell(password + " " + line);
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /**
   * Returns the folders of the servers, which the command lines of their guard processes contain.
   */
  private static Stream<Path> serverFolders(List<ProcessHandle> children) {
    return children.stream()
        .flatMap(child -> child.info().arguments().stream().flatMap(Stream::of))
        .filter(argument -> argument.matches("/\\S*/outbox-relay-(postgres|kafka|rabbit)\\w*-\\d+"))
        .map(Path::of)
        .distinct();
  }

  private static Stream<Path> keptFolder(String guide) {
    var folder = found(guide, "(?m)^" + LAST_LINE + "(\\S+)\\.$").group(1);
    return Stream.of(DemoScript.ROOT.resolve(folder));
  }

  /**
   * Returns true if the process runs. A zombie does not count; it stays if process 1 of a container
   * reaps no children.
   */
  private static boolean runs(ProcessHandle process) {
    try {
      var status = Path.of("/proc", Long.toString(process.pid()), "status");
      return process.isAlive() && !Files.readString(status).matches("(?s).*\nState:\\s*Z.*");
    } catch (IOException e) {
      return process.isAlive();
    }
  }
}
