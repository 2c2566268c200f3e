package io.outboxrelay.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.options.AriaRole;
import java.sql.SQLException;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A replay of retained events is started on the page, which reports events that retention has
 * removed.
 */
class ConsoleReplayIT {
  @BeforeEach
  void findTheBrowser() {
    Chrome.shared();
  }

  @Test
  void retainedEventsAreSentAgainAndHowFarIsSeen() throws SQLException {
    try (var stage = ConsoleEnvironment.open()) {
      stage.commitMany(300);
      await().atMost(PATIENCE).until(() -> stage.broker().messages("invoice").size() == 99);
      try (var window = Window.open(stage, "replay")) {
        window.page().getByLabel("Event type").fill("changed");
        window.page().getByLabel("At most, per second").fill("5");
        window.button("See how many…").click();
        assertThat(window.dialog()).containsText("Send 100 events again?");
        window.inDialog("Send 100 again").click();

        window.awaitTold("has begun");
        assertThat(window.page().locator(".replays > li .tag")).hasText("running");
        assertThat(window.page().locator(".progress")).containsText("of 100");
        window.screenshot("replay");
        window.button("Cancel").click();
        window.inDialog("Cancel the replay").click();

        window.awaitTold("is cancelled");
        assertThat(window.page().locator(".replays > li .tag")).hasText("cancelled");

        window.page().getByLabel("At most, per second").fill("");
        window.button("See how many…").click();
        window.inDialog("Send 100 again").click();
        var again = window.page().locator(".replays > li").first();
        assertThat(again.locator(".tag")).hasText("done");
        assertThat(again.locator(".progress")).containsText("100 of 100");
        assertThat(again).containsText(Pattern.compile("type changed · *numbers \\d+ to \\d+"));
        assertThat(window.faults()).isEmpty();
      }
    }
  }

  @Test
  void allEventsAreSentAgainOnlyIfTheirNumberIsTyped() throws SQLException {
    try (var stage = ConsoleEnvironment.open()) {
      stage.commitMany(30);
      await().atMost(PATIENCE).until(() -> stage.broker().messages("invoice").size() == 9);
      try (var window = Window.open(stage, "replay")) {
        window.button("See how many…").click();
        assertThat(window.page().getByRole(AriaRole.ALERT)).containsText("Which events?");
        window.page().getByLabel("all events that are kept").check();
        window.button("See how many…").click();
        assertThat(window.dialog()).containsText("Send 30 events again?");
        assertThat(window.inDialog("Send 30 again")).isDisabled();
        window.dialog().getByRole(AriaRole.TEXTBOX).fill("30");
        window.inDialog("Send 30 again").click();

        window.awaitTold("has begun");
        assertThat(window.page().locator(".replays > li .tag")).hasText("done");
        assertThat(window.faults()).isEmpty();
      }
    }
  }

  @Test
  void eventsThatRetentionHasRemovedAreReported() throws SQLException {
    var cleaning =
        Map.<String, Object>of("outbox.retention", "1ms", "outbox.clean-up-interval", "100ms");
    try (var stage = ConsoleEnvironment.open(cleaning)) {
      stage.commitMany(30);
      await().atMost(PATIENCE).until(() -> stage.broker().messages("invoice").size() == 9);
      await().atMost(PATIENCE).until(() -> stage.count("select count(*) from outbox") == 0);
      try (var window = Window.open(stage, "replay")) {
        window.page().getByLabel("From").fill("2020-01-01T00:00:01");
        window.button("See how many…").click();

        assertThat(window.page().getByRole(AriaRole.ALERT))
            .containsText("kept for outbox.retention only");
        window.screenshot("replay-of-what-is-gone");
        assertThat(window.faults()).isEmpty();
      }
    }
  }
}
