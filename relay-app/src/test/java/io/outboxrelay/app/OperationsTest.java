package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.Environment;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The commands and names in docs/operations.md and docs/runbook.md exist. */
class OperationsTest {
  private static final Path ROOT = Path.of("..");
  private static final String RELAY = "java -jar outbox-relay.jar ";

  private static final List<String> PAGES = List.of("docs/operations.md", "docs/runbook.md");

  @Test
  void everyCommandLineIsOneThatTheRelayTakes() {
    var lines = blocks("bash").flatMap(String::lines).filter(line -> line.contains(RELAY)).toList();
    assertThat(lines)
        .hasSizeGreaterThan(10)
        .allSatisfy(
            line -> {
              assertThat(line).startsWith(RELAY);
              RelayCommand.commandLine().parseArgs(words(line.substring(RELAY.length())));
            });
  }

  @Test
  void everyPieceOfConfigurationIsUnderstood() {
    var vertx = Vertx.vertx();
    try {
      assertThat(blocks("yaml").toList())
          .isNotEmpty()
          .allSatisfy(
              block -> {
                var map =
                    parsed(vertx, text("conf/kafka.yaml")).mergeIn(parsed(vertx, block), true);
                var password = new Environment(Map.of("RELAY_DB_PASSWORD", "pw"), Map.of());
                var settings = Settings.of("page", map.getMap(), password);
                assertThat(AppConfig.from(settings, BrokerProviders.found())).isNotNull();
              });
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void everyAlertHasItsEntry() {
    String rules = text("docs/prometheus/alerts.yaml");
    var linked =
        Pattern.compile("runbook\\.md#([a-z0-9-]+)")
            .matcher(rules)
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(linked).isNotEmpty();
    var entries = anchors(text("docs/runbook.md"));
    assertThat(entries).containsAll(linked);
    assertThat(Pattern.compile("- alert:").matcher(rules).results().count())
        .as("each alert has a link")
        .isEqualTo(linked.size());
    assertThat(entries.stream().filter(anchor -> anchor.startsWith("alert-")))
        .as("no entry without its alert")
        .containsExactlyInAnyOrderElementsOf(linked);
  }

  @Test
  void everyLinkLeadsSomewhere() {
    for (String page : PAGES) {
      var links =
          Pattern.compile("]\\(([^)]+)\\)")
              .matcher(text(page))
              .results()
              .map(match -> match.group(1))
              .toList();
      assertThat(links).isNotEmpty().allSatisfy(link -> assertLeadsSomewhere(page, link));
    }
  }

  private static void assertLeadsSomewhere(String page, String link) {
    String file = link.replaceFirst("#.*", "");
    String target = file.isEmpty() ? page : "docs/" + file;
    assertThat(ROOT.resolve(target)).exists();
    if (!file.equals(link)) {
      assertThat(anchors(text(target))).contains(link.substring(file.length() + 1));
    }
  }

  @Test
  void theUnitKnowsTheExitCodesAndWaitsForAStop() {
    var unit = text("packaging/systemd/outbox-relay.service").lines().toList();
    assertThat(unit)
        .contains(
            "RestartPreventExitStatus=" + ExitCode.CONFIGURATION.number(),
            "Restart=on-failure",
            "SuccessExitStatus=143",
            "User=outbox-relay");
    var stop = Pattern.compile("TimeoutStopSec=(\\d+)s").matcher(String.join("\n", unit));
    assertThat(stop.find()).isTrue();
    assertThat(Integer.parseInt(stop.group(1))).isGreaterThan(30 + 25);
    String start =
        unit.stream().filter(line -> line.startsWith("ExecStart=")).findFirst().orElseThrow();
    String arguments = start.replaceFirst(".*/outbox-relay ", "");
    RelayCommand.commandLine().parseArgs(words(arguments));
  }

  @Test
  void theContainerIsNotRootAndItsExamplesCanBeRead() {
    assertThat(text("packaging/container/Dockerfile"))
        .contains("USER 10001", "HEALTHCHECK", "ENTRYPOINT [\"/opt/outbox-relay/outbox-relay\"]")
        .doesNotContain("ADD http");
    for (String example :
        List.of(
            "container/compose.yaml",
            "container/demo/compose.yaml",
            "chart/outbox-relay/values.yaml")) {
      Map<String, Object> read = new Yaml().load(text("packaging/" + example));
      assertThat(read).as(example).isNotEmpty();
      assertThat(text("packaging/" + example)).contains("65");
    }
  }

  @Test
  void theRelayUnderstandsTheConfigurationOfTheDemo() {
    String secrets = ROOT.resolve("packaging/container/demo/secrets").toString() + "/";
    var vertx = Vertx.vertx();
    try {
      String content =
          parsed(vertx, text("packaging/container/demo/compose.yaml"))
              .getJsonObject("configs")
              .getJsonObject("relay.yaml")
              .getString("content");
      var map = parsed(vertx, content.replace("$$", "$").replace("/run/secrets/", secrets));
      var settings = Settings.of("demo", map.getMap(), new Environment(Map.of(), Map.of()));
      assertThat(AppConfig.from(settings, BrokerProviders.found())).isNotNull();
    } finally {
      vertx.close().await();
    }
  }

  private static JsonObject parsed(Vertx vertx, String yaml) {
    return new YamlProcessor().process(vertx, new JsonObject(), Buffer.buffer(yaml)).await();
  }

  /** Returns the code blocks of this language. */
  private static Stream<String> blocks(String kind) {
    var block = Pattern.compile("(?ms)^```" + kind + "\n(.*?)^```$");
    return PAGES.stream()
        .flatMap(page -> block.matcher(text(page)).results())
        .map(match -> match.group(1));
  }

  /** Returns the anchors that GitHub derives from the headings. */
  private static List<String> anchors(String text) {
    return text.lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^a-z0-9 -]", "").replace(' ', '-'))
        .toList();
  }

  /** Returns the words of a command line; a text in single quotes is one word. */
  private static String[] words(String line) {
    return Pattern.compile("'([^']*)'|(\\S+)")
        .matcher(line)
        .results()
        .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
        .toArray(String[]::new);
  }

  private static String text(String path) {
    try {
      return Files.readString(ROOT.resolve(path));
    } catch (IOException e) {
      throw new AssertionError(path + " cannot be read: " + Arrays.toString(e.getStackTrace()), e);
    }
  }
}
