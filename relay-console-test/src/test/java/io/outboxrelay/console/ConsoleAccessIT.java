package io.outboxrelay.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The page accepts a valid token, survives a restart of the relay, and sends requests to the relay
 * only.
 */
class ConsoleAccessIT extends WithEnvironment {
  private static final int MOST_BYTES = 300_000;

  @Test
  void theTokenIsAskedForAndAWrongOneIsTold() {
    try (var window = Window.locked(stage, 1280, 700, ColorScheme.LIGHT)) {
      window.go("settings");
      assertThat(window.heading("Log in")).isVisible();
      assertThat(window.page().getByLabel("Token")).isFocused();
      assertThat(window.page().getByRole(AriaRole.ALERT)).hasCount(0);
      window.screenshot("token-missing");

      window.page().getByLabel("Token").fill("guessed");
      window.page().keyboard().press("Enter");
      assertThat(window.page().getByRole(AriaRole.ALERT)).containsText("The token is wrong");
      assertThat(window.page().locator("main")).not().containsText("outbox.retention");
      window.screenshot("token-wrong");

      window.page().getByLabel("Token").fill(ConsoleEnvironment.TOKEN);
      window.page().keyboard().press("Enter");
      assertThat(window.page().getByText("outbox.retention")).isVisible();
      window.button("Log out").click();
      assertThat(window.heading("Log in")).isVisible();
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void aPageLeftOpenOverARestartSaysSo() {
    try (var window = Window.open(stage, "overview")) {
      assertThat(window.verdict()).hasText("Idle");
      stage.stop();

      assertThat(window.verdict()).hasText("No answer");
      assertThat(window.page().getByText("This page asks again every 2 s")).isVisible();
      assertThat(window.page().getByText("Where events were at")).isVisible();
      assertThat(window.hindrances()).isEmpty();
      window.screenshot("relay-gone");
      stage.start();

      window.awaitTold("it was restarted at");
      assertThat(window.verdict()).hasText("Idle");
      window.screenshot("relay-back");
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void allOfThePageIsSmallAndComesFromTheRelay() {
    try (var window = Window.open(stage, "overview")) {
      assertThat(window.verdict()).hasText("Idle");
      int bytes =
          window.responses().stream()
              .filter(response -> !response.url().contains("/api/"))
              .mapToInt(response -> response.body().length)
              .sum();
      assertThat(bytes).isBetween(50_000, MOST_BYTES);
      var policy = window.responses().get(0).headerValue("content-security-policy");
      assertThat(policy)
          .contains("default-src 'none'")
          .contains("script-src 'self'")
          .doesNotContain("unsafe");
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void theKeyboardIsEnough() throws SQLException {
    stage.broker().refuse(message -> true);
    stage.commitMany(9);
    try (var window = Window.open(stage, "overview")) {
      assertThat(window.page().locator(".badge").first()).hasText("3");
      window.page().keyboard().press("?");
      assertThat(window.dialog()).containsText("find an event or an aggregate");
      window.screenshot("keys");
      window.page().keyboard().press("Escape");
      assertThat(window.page().locator("dialog[open]")).hasCount(0);
      window.page().keyboard().press("2");
      assertThat(window.page().locator("[data-row]")).hasCount(3);
      window.page().keyboard().press("j");
      assertThat(window.page().locator("[data-row]").first()).isFocused();
      assertThat(window.page().locator("[data-row]").first()).hasCSS("outline-style", "solid");
      window.page().keyboard().press("Enter");
      assertThat(window.dialog()).containsText("Dead letter");
      window.page().keyboard().press("Escape");
      assertThat(window.page().locator("dialog[open]")).hasCount(0);
      assertThat(window.page().locator("[data-row]").first()).isFocused();
      verifyKeysFollowTabs(window);
      window.page().keyboard().press("t");
      assertThat(window.page().locator("html"))
          .hasAttribute("data-theme", Pattern.compile("light"));
      assertThat(window.faults()).isEmpty();
    }
  }

  private static void verifyKeysFollowTabs(Window window) {
    var tabs = window.page().locator("nav.views a");
    for (int i = 0; i < tabs.count(); i++) {
      window.page().keyboard().press(String.valueOf(i + 1));
      assertThat(tabs.nth(i)).hasAttribute("aria-current", "page");
      window.page().locator("h1").first().click();
    }
  }

  @Test
  void aReadOnlyTokenSeesNothingThatChanges() throws SQLException {
    stage.broker().refuse(message -> true);
    stage.commitMany(9);
    try (var window = Window.open(stage, "parked")) {
      window
          .page()
          .route(
              "**/api/v1/caller",
              route ->
                  route.fulfill(
                      new Route.FulfillOptions()
                          .setContentType("application/json")
                          .setBody("{\"name\": \"watcher\", \"role\": \"read-only\"}")));
      window.page().reload();
      assertThat(window.page().getByText("read-only").first()).isVisible();
      assertThat(window.page().locator("[data-row]")).hasCount(3);
      for (String name : List.of("Retry", "Discard", "Edit", "Pause…")) {
        assertThat(window.button(name).first()).isHidden();
      }
      window.page().keyboard().press("p");
      window.page().locator("[data-row]").first().click();
      assertThat(window.dialog()).containsText("Dead letter");
      assertThat(window.inDialog("Retry")).isHidden();
      window.inDialog("Close").click();
      window.go("replay");
      assertThat(window.heading("Replays")).isVisible();
      assertThat(window.button("See how many…")).isHidden();
      assertThat(window.faults()).isEmpty();
    }
  }
}
