package io.outboxrelay.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The dashboard and the alert rules use only metrics and labels that a relay exports. */
class DashboardAndAlertsTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Path RULES = DOCS.resolve(Path.of("prometheus", "alerts.yaml"));

  /** Labels that Prometheus adds to each scraped series. */
  private static final Set<String> ADDED = Set.of("instance", "job");

  private final Scrape scrape = Scrape.ofALeader();

  @Test
  void theRulesAskForWhatIsThere() throws IOException {
    assertThat(rules()).hasSizeGreaterThan(10).allSatisfy(rule -> verify(rule.getString("expr")));
  }

  @Test
  void anExpressionKeepsTheLabelsThatItsRuleNames() throws IOException {
    for (var rule : rules()) {
      String expression = rule.getString("expr");
      var kept = new TreeSet<>(Expression.of(expression).grouped());
      if (expression.startsWith("up")) {
        kept.addAll(ADDED);
      }
      assertThat(kept)
          .as("%s", rule)
          .containsAll(mentioned(rule.getValue("annotations"), "\\$labels\\.([a-z_]+)"));
    }
  }

  @Test
  void everyRuleHasWhatOneWantsToKnowAtNight() throws IOException {
    assertThat(rules())
        .allSatisfy(
            rule -> {
              assertThat(rule.fieldNames()).contains("alert", "expr", "for");
              assertThat(rule.getJsonObject("labels").getString("severity")).isNotNull();
              var annotations = rule.getJsonObject("annotations");
              assertThat(annotations.getString("summary")).isNotBlank();
              assertThat(annotations.getString("description")).isNotBlank();
              assertThat(annotations.getString("runbook_url"))
                  .isEqualTo(
                      "{{ $externalLabels.outbox_relay_docs }}docs/runbook.md#alert-"
                          + kebab(rule.getString("alert")));
            });
  }

  @Test
  void theDashboardAsksForWhatIsThere() throws IOException {
    var targets = targets(dashboard().getJsonArray("panels"));
    assertThat(targets).hasSizeGreaterThan(30);
    for (var target : targets) {
      String expression = target.getString("expr");
      verify(expression);
      var kept = new HashSet<>(Expression.of(expression).grouped());
      kept.addAll(labels(expression));
      kept.addAll(ADDED);
      assertThat(kept)
          .as(expression)
          .containsAll(mentioned(target.getString("legendFormat"), "\\{\\{([a-z_]+)}}"));
    }
  }

  /** A panel shows each metric of the relay, except the listed ones. */
  @Test
  void theDashboardLeavesLittleOut() throws IOException {
    var shown = new TreeSet<String>();
    for (var target : targets(dashboard().getJsonArray("panels"))) {
      shown.addAll(Expression.of(target.getString("expr")).selectors().keySet());
    }
    assertThat(scrape.types().keySet())
        .filteredOn(metric -> metric.startsWith("outbox_"))
        .filteredOn(metric -> !shown.contains(metric) && !shown.contains(metric + "_bucket"))
        .containsExactlyInAnyOrder(
            "outbox_access_denied_total",
            "outbox_account_differing_ranges",
            "outbox_admin_authentication_failures_total",
            "outbox_cleanup_last_success_timestamp_seconds",
            "outbox_database_clock_uncertainty_seconds",
            "outbox_events_published_total",
            "outbox_read_ahead_bytes",
            "outbox_source_changes_total",
            "outbox_source_log");
  }

  @Test
  void everyRuleHasATest() throws IOException {
    String tests = Files.readString(RULES.resolveSibling("alerts-test.yaml"));
    assertThat(rules())
        .allSatisfy(
            rule -> assertThat(tests).contains("  - name: " + rule.getString("alert") + "\n"));
  }

  /** Each alert fires under its condition, and only then. */
  @Test
  void prometheusItselfFindsThatTheRulesFire() throws Exception {
    promtool("test", "rules", RULES.resolveSibling("alerts-test.yaml").toString());
  }

  @Test
  void prometheusItselfAcceptsTheRules() throws Exception {
    promtool("check", "rules", RULES.toString());
  }

  private static void promtool(String... arguments) throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool"))),
        "promtool is not there; the Debian package prometheus brings it");
    var command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    var promtool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(promtool.getInputStream().readAllBytes(), UTF_8);
    assertThat(promtool.waitFor()).as(said).isZero();
  }

  private void verify(String expression) {
    var asked = Expression.of(expression);
    var known = new HashSet<>(ADDED);
    known.add("le");
    asked
        .selectors()
        .forEach(
            (name, labels) -> {
              if (!name.equals("up")) {
                assertThat(scrape.labels()).as(expression).containsKey(name);
                known.addAll(scrape.labels().getOrDefault(name, Set.of()));
              }
              assertThat(known).as(expression).containsAll(labels);
            });
    assertThat(asked.selectors()).as(expression).isNotEmpty();
    assertThat(known).as(expression).containsAll(asked.grouped());
  }

  /** Returns the labels of the series that an expression selects; a selector keeps all of them. */
  private Set<String> labels(String expression) {
    var labels = new HashSet<String>();
    Expression.of(expression)
        .selectors()
        .keySet()
        .forEach(name -> labels.addAll(scrape.labels().getOrDefault(name, Set.of())));
    return labels;
  }

  private static Set<String> mentioned(Object text, String pattern) {
    var found = new TreeSet<String>();
    Pattern.compile(pattern)
        .matcher(String.valueOf(text))
        .results()
        .forEach(match -> found.add(match.group(1)));
    return found;
  }

  private static String kebab(String name) {
    return name.replaceAll("(?<!^)(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  private static List<JsonObject> rules() throws IOException {
    var file = new JsonObject(new Yaml().<Map<String, Object>>load(Files.readString(RULES)));
    return objects(file.getJsonArray("groups"))
        .flatMap(group -> objects(group.getJsonArray("rules")))
        .toList();
  }

  private static Stream<JsonObject> objects(JsonArray array) {
    return IntStream.range(0, array.size()).mapToObj(array::getJsonObject);
  }

  private static JsonObject dashboard() throws IOException {
    return new JsonObject(Files.readString(DOCS.resolve(Path.of("grafana", "outbox-relay.json"))));
  }

  private static List<JsonObject> targets(JsonArray panels) {
    var targets = new ArrayList<JsonObject>();
    for (int i = 0; i < panels.size(); i++) {
      var own = panels.getJsonObject(i).getJsonArray("targets", new JsonArray());
      for (int j = 0; j < own.size(); j++) {
        targets.add(own.getJsonObject(j));
      }
    }
    return targets;
  }
}
