package io.outboxrelay.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The console can be used in light and dark colours, on a small screen, with the keyboard alone,
 * and with a screen reader.
 */
class ConsoleAccessibilityIT extends WithEnvironment {
  /** An id that is longer than any line and has no place for a line break. */
  private static final String LONG_ID = "order-" + "0123456789abcdef".repeat(19) + "zz";

  private static final List<String> VIEWS =
      List.of(
          "overview",
          "parked",
          "dead-letters?others=true",
          "events",
          "find?what=" + LONG_ID,
          "replay",
          "audit",
          "settings");

  private static final LocatorAssertions.IsInViewportOptions WHOLLY =
      new LocatorAssertions.IsInViewportOptions().setRatio(1);

  @BeforeEach
  void refuseAll() throws SQLException {
    stage.broker().refuse(message -> true);
    stage.commitMany(9);
    stage.commit("order", LONG_ID, "changed-" + "x".repeat(80), "{\"step\": 1}");
    stage.commit("order", LONG_ID, "closed", "{\"step\": 2}");
  }

  @ParameterizedTest
  @CsvSource({"LIGHT, 1280", "DARK, 1280", "LIGHT, 400", "DARK, 400"})
  void everyViewIsAccessibleAndAsWideAsTheWindow(ColorScheme colours, int width) {
    try (var window = Window.open(stage, "overview", width, 900, colours)) {
      for (String view : VIEWS) {
        show(window, view);
        verify(window, view, colours, width);
      }
      show(window, "parked");
      window.page().locator("[data-row]").last().click();
      assertThat(window.dialog().locator("pre").first()).isVisible();
      verify(window, "letter", colours, width);
      window.inDialog("Edit").click();
      window.dialog().getByLabel("Event type").fill("amended");
      window.inDialog("Add a header").click();
      assertThat(window.dialog().locator(".difference")).hasCount(1);
      verify(window, "editing", colours, width);
      window.inDialog("Cancel").click();
      window.inDialog("Discard").click();
      assertThat(window.dialog()).containsText("cannot be undone");
      verify(window, "discard", colours, width);
      window.inDialog("Cancel").click();
      window.inDialog("Close").click();
      show(window, "events");
      window.page().locator("[data-row]").first().click();
      assertThat(window.dialog().locator("pre").first()).isVisible();
      verify(window, "event", colours, width);
      window.inDialog("Close").click();
      window.page().keyboard().press("p");
      assertThat(window.dialog().getByLabel("Reason")).isVisible();
      verify(window, "pause", colours, width);
      window.inDialog("Cancel").click();
      window.page().keyboard().press("?");
      assertThat(window.dialog()).containsText("Dead letters");
      verify(window, "keys", colours, width);
      assertThat(window.faults()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"LIGHT, 1280", "DARK, 400"})
  void soIsTheFormForTheToken(ColorScheme colours, int width) {
    try (var window = Window.locked(stage, width, 700, colours)) {
      window.go("overview");
      assertThat(window.heading("Log in")).isVisible();
      verify(window, "token", colours, width);
    }
  }

  @Test
  void aRowOfALongListIsShortOnASmallScreen() {
    try (var window = Window.open(stage, "dead-letters", 400, 900, ColorScheme.LIGHT)) {
      var row = window.page().locator("tbody tr").first();
      assertThat(row).isVisible();
      assertThat(row.boundingBox().height).isLessThan(120);
    }
  }

  private static void verify(Window window, String what, ColorScheme colours, int width) {
    String name = "%s-%s-%d".formatted(what.replaceAll("\\?.*", ""), colours, width);
    window.screenshot(name);
    assertThat(window.overflow()).as(name + " is wider than the window by").isLessThanOrEqualTo(0);
    assertThat(window.hindrances()).as(name).isEmpty();
  }

  private static void show(Window window, String view) {
    window.go(view);
    assertThat(window.page().locator("main h2").first()).isVisible();
    assertThat(window.page().locator(".badge").first()).hasText("4");
    assertThat(window.page().locator("nav [aria-current=page]")).isInViewport(WHOLLY);
    if (view.matches("(parked|dead-letters|events|find).*")) {
      assertThat(window.page().locator("[data-row], .fates li").first()).isVisible();
    }
  }
}
