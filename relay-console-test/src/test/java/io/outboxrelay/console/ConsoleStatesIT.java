package io.outboxrelay.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.outboxrelay.publish.MessageHeaders;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page shows the status of the relay and the stage at which events wait. */
class ConsoleStatesIT extends WithEnvironment {
  private static final Pattern SOME = Pattern.compile("[1-9].*");

  /** Matches the text of a chart for screen readers, once the chart has data. */
  private static final Pattern MEASURED =
      Pattern.compile("\\w+: (.*, )?(confirmed|median|oldest) [1-9].*");

  private static final Pattern LEADER = Pattern.compile("For \\d+@\\S+.*shard 0");

  @Test
  void aFreshRelayIsIdle() {
    try (var window = Window.open(stage, "overview")) {
      assertThat(window.verdict()).hasText("Idle");
      assertThat(window.page()).hasTitle("Idle · outbox-relay");
      assertThat(window.stage("outbox")).containsText("no event waits");
      assertThat(window.stage("broker")).containsText("has accepted all events so far");
      assertThat(window.heading("Latency transaction to confirm")).isVisible();
      assertThat(window.page().getByText("Nothing was confirmed in this time")).isVisible();
      window.screenshot("fresh-and-empty");
      window.go("parked");
      assertThat(window.page().getByText("No aggregate is parked")).isVisible();
      window.go("dead-letters");
      assertThat(window.page().getByText("No dead letters")).isVisible();
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void aBusyRelayDelivers() throws Exception {
    try (var writer = Writer.start(stage);
        var window = Window.open(stage, "overview", 1280, 1500, ColorScheme.LIGHT);
        var dark = Window.open(stage, "overview", 1280, 1500, ColorScheme.DARK)) {
      assertThat(window.verdict()).hasText("Delivering");
      assertThat(window.stage("broker").locator(".figure")).hasText(SOME);
      assertThat(window.stage("broker")).containsText("accepts events");
      assertThat(window.page().locator(".link.flows")).hasCount(3);
      assertThat(window.page().locator("relay-destinations tbody tr")).hasCount(3);
      assertThat(window.page().locator("relay-shards tbody tr")).containsText("this relay");
      assertThat(window.page().locator(".instances li")).containsText("leads shard 0");
      writer.awaitCommitted(500);
      assertThat(window.chart("Throughput")).hasAttribute("aria-label", MEASURED);
      assertThat(window.chart("Latency")).hasAttribute("aria-label", MEASURED);
      assertThat(window.chart("Lag")).hasAttribute("aria-label", MEASURED);
      assertThat(dark.verdict()).hasText("Delivering");
      dark.screenshot("busy-dark");
      window.screenshot("busy");
      window.chart("Latency").press("ArrowLeft");
      assertThat(window.page().locator(".when.pointed")).hasCount(4);
      assertThat(window.faults()).isEmpty();
      assertThat(dark.faults()).isEmpty();
    }
  }

  @Test
  void aRelayThatStandsByNamesTheLeaderAndTakesOver() throws SQLException {
    try (var standby = ConsoleEnvironment.besides(stage);
        var window = Window.open(standby, "overview")) {
      assertThat(window.verdict()).hasText("Standing by");
      assertThat(window.page().locator("relay-status")).containsText(LEADER);
      assertThat(window.page()).hasTitle("Standing by · outbox-relay");
      assertThat(window.stage("reading")).containsText("standing by");
      assertThat(window.stage("broker")).containsText("another relay sends");
      assertThat(window.page().locator("relay-flow")).containsText("another relay reads");
      assertThat(window.page().locator(".instances li")).hasCount(2);
      window.screenshot("standing-by");
      stage.stop();

      assertThat(window.verdict()).hasText("Idle");
      stage.commit("order", "order-1", "created", "{}");
      assertThat(window.page().locator("relay-shards tbody tr")).containsText("this relay");
      await().atMost(PATIENCE).until(() -> stage.broker().messages("order").size() == 1);
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void aBrokerThatIsDownIsWhereItIsStuck() throws SQLException {
    try (var window = Window.open(stage, "overview", 1280, 1100, ColorScheme.DARK)) {
      stage.commit("order", "order-1", "created", "{}");
      await().atMost(PATIENCE).until(() -> stage.broker().messages("order").size() == 1);
      stage.broker().kill();
      stage.commitMany(3_000);

      assertThat(window.verdict()).hasText("Stuck");
      assertThat(window.stage("broker")).containsText("stuck here");
      assertThat(window.stage("broker")).containsText("does not answer; tried again");
      assertThat(window.stage("outbox").locator(".figure")).hasText(Pattern.compile("3,000.*"));
      assertThat(window.page().locator("relay-destinations"))
          .containsText("the broker accepts nothing");
      assertThat(window.page().locator(".marks .mark-outage")).containsText("until now");
      window.screenshot("broker-down");
      stage.broker().restart();

      assertThat(window.verdict()).hasText("Idle");
      assertThat(window.page().locator(".stage.stuck")).hasCount(0);
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void pausedHereAndResumedHere() throws SQLException {
    try (var window = Window.open(stage, "overview")) {
      assertThat(window.verdict()).hasText("Idle");
      window.page().keyboard().press("p");
      window.dialog().getByLabel("Reason").fill("the broker is upgraded");
      window.inDialog("Pause").click();

      assertThat(window.verdict()).hasText("Paused");
      stage.commit("order", "order-1", "created", "{}");
      assertThat(window.page().getByText("the broker is upgraded").first()).isVisible();
      assertThat(window.stage("outbox").locator(".figure")).hasText(Pattern.compile("1 .*"));
      assertThat(window.stage("outbox")).containsText("paused here");
      assertThat(window.stage("broker")).containsText("is sent nothing until it is resumed");
      assertThat(window.page().locator("relay-status"))
          .not()
          .containsText(Pattern.compile("\\dT\\d"));
      window.screenshot("paused");
      window.button("Resume").click();

      window.awaitTold("Everything goes on");
      assertThat(window.verdict()).hasText("Idle");
      assertThat(stage.broker().messages("order")).hasSize(1);
      window.go("audit");
      assertThat(window.page().getByText("resume", new Page.GetByTextOptions().setExact(true)))
          .isVisible();
      window.screenshot("audit");
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void theStatusOfAnEventIsFound() throws SQLException {
    stage
        .broker()
        .refuse(message -> "changed".equals(message.headers().get(MessageHeaders.EVENT_TYPE)));
    stage.commit("order", "order-42", "created", "{}");
    stage.commit("order", "order-42", "changed", "{}");
    stage.commit("order", "order-42", "closed", "{}");
    try (var window = Window.open(stage, "parked")) {
      assertThat(window.button("order-42")).isVisible();
      window.page().keyboard().press("/");
      window.page().getByLabel("Event or aggregate").fill("order-42");
      window.page().keyboard().press("Enter");

      assertThat(window.page().locator(".fates > li")).hasCount(3);
      assertThat(window.page().locator(".fates .tag.good")).hasText("published");
      assertThat(window.button("Show the dead letter").first()).isVisible();
      window.screenshot("found");
      window.page().getByLabel("Event or aggregate").fill("2");
      window.page().keyboard().press("Enter");
      assertThat(window.page().locator(".fates > li")).hasCount(1);
      assertThat(window.page().locator(".fates > li")).containsText("refuses it");
      window.go("find?what=nobody-7");
      assertThat(window.page().getByText("Nothing is known of “nobody-7”")).isVisible();
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void settingsInForceHideSecrets() {
    try (var window = Window.open(stage, "settings")) {
      assertThat(window.page().locator("view-settings tbody th").first()).isVisible();
      assertThat(window.page().locator("main")).containsText("admin.token");
      assertThat(window.page().locator("main")).not().containsText(ConsoleEnvironment.TOKEN);
      window.page().getByLabel("Name or value").fill("relay.partitions");
      assertThat(window.page().locator("view-settings tbody tr")).hasCount(1);
      window.screenshot("settings");
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void recentEventsAreShownWithWhereTheyWent() throws SQLException {
    stage.commit("order", "order-1", "created", "{\"step\": 1}");
    stage.commit("invoice", "invoice-1", "issued", "{\"step\": 2}");
    await().atMost(PATIENCE).until(() -> stage.broker().messages("invoice").size() == 1);
    try (var window = Window.open(stage, "events")) {
      var rows = window.page().locator("tbody tr");
      assertThat(rows).hasCount(2);
      assertThat(rows.first()).containsText("issued");
      assertThat(rows.first().locator("[data-of='Stored at']")).hasText("invoice");
      assertThat(rows.first()).containsText("published");
      window.screenshot("recent-events");
      window.page().getByLabel("Event type").fill("created");
      window.page().keyboard().press("Enter");
      assertThat(rows).hasCount(1);
      window.page().locator("[data-row]").click();
      assertThat(window.dialog().locator("pre")).containsText("\"step\": 1");
      assertThat(window.dialog()).containsText("order-1");
      assertThat(window.page()).hasURL(Pattern.compile(".*#/events\\?type=created&event=1"));
      window.screenshot("recent-event");
      window.page().goBack();
      assertThat(window.page().locator("dialog[open]")).hasCount(0);
      assertThat(window.faults()).isEmpty();
    }
  }

  /** The page is the same if the browser's clock differs from the relay's. */
  @ParameterizedTest
  @ValueSource(ints = {-600, 600})
  void aBrowserWithAnotherTimeSeesTheSame(int seconds) throws Exception {
    try (var writer = Writer.start(stage);
        var window = Window.locked(stage, 1280, 900, ColorScheme.LIGHT)) {
      window.letIn();
      window
          .page()
          .clock()
          .install(
              new Clock.InstallOptions()
                  .setTime(System.currentTimeMillis() + TimeUnit.SECONDS.toMillis(seconds)));
      window.go("overview");
      assertThat(window.verdict()).hasText("Delivering");
      writer.awaitCommitted(500);
      assertThat(window.chart("Throughput")).hasAttribute("aria-label", MEASURED);
      long before = window.responses().size();
      await().atMost(PATIENCE).until(() -> asked(window) > before + 6);
      assertThat(window.responses()).allMatch(response -> response.status() == 200);
      assertThat(window.faults()).isEmpty();
    }
  }

  private static long asked(Window window) {
    window.page().waitForTimeout(100);
    return window.responses().size();
  }

  @Test
  void theHistoryMarksPausesAndHasALogarithmicAxis() throws Exception {
    try (var writer = Writer.start(stage);
        var window = Window.open(stage, "overview", 1280, 1500, ColorScheme.LIGHT)) {
      writer.awaitCommitted(300);
      window.button("Pause…").click();
      window.inDialog("Pause").click();
      assertThat(window.verdict()).hasText("Paused");
      assertThat(window.page().locator(".marks .mark-pause")).containsText("until now");
      window.button("Resume").click();
      assertThat(window.page().locator(".marks .mark-pause")).containsText(" to ");
      assertThat(window.page().locator(".marks .mark-start")).isVisible();
      window.button("logarithmic").click();
      assertThat(window.page().getByText("transaction to confirm, logarithmic")).isVisible();
      window.button("24 h").click();
      assertThat(window.chart("Lag")).hasAttribute("aria-label", MEASURED);
      window.screenshot("history");
      assertThat(window.faults()).isEmpty();
    }
  }
}
