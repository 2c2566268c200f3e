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
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody is hindered by colours, a small screen, or the lack of a mouse or of sight. */
class ConsoleAccessibilityIT extends OnStage {
  private static final List<String> VIEWS =
      List.of(
          "overview",
          "parked",
          "dead-letters",
          "find?what=order-1000",
          "replay",
          "audit",
          "settings");

  private static final List<String> LISTS =
      List.of("parked", "dead-letters", "find?what=order-1000");

  private static final LocatorAssertions.IsInViewportOptions WHOLLY =
      new LocatorAssertions.IsInViewportOptions().setRatio(1);

  @BeforeEach
  void refuseAll() throws SQLException {
    stage.broker().refuse(message -> true);
    stage.commitMany(9);
  }

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void everyViewIsForEverybody(ColorScheme colours) {
    try (var window = Window.open(stage, "overview", 1280, 900, colours)) {
      for (String view : VIEWS) {
        show(window, view);
        assertThat(window.hindrances()).as(view).isEmpty();
      }
      show(window, "parked");
      window.page().locator("[data-row]").first().click();
      assertThat(window.dialog().locator("pre")).isVisible();
      assertThat(window.hindrances()).as("dead letter").isEmpty();
      window.inDialog("Edit").click();
      assertThat(window.hindrances()).as("editing").isEmpty();
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void everyViewFitsASmallScreen() {
    try (var small = Window.open(stage, "overview", 360, 740, ColorScheme.LIGHT)) {
      for (String view : VIEWS) {
        show(small, view);
        assertThat(small.overflow()).as(view).isLessThanOrEqualTo(0);
        small.screenshot("small-" + view.replaceAll("\\?.*", ""));
      }
      assertThat(small.faults()).isEmpty();
    }
  }

  private static void show(Window window, String view) {
    window.go(view);
    assertThat(window.page().locator("main h2").first()).isVisible();
    assertThat(window.page().locator(".badge").first()).hasText("3");
    assertThat(window.page().locator("nav [aria-current=page]")).isInViewport(WHOLLY);
    if (LISTS.contains(view)) {
      assertThat(window.page().locator("[data-row], .fates li").first()).isVisible();
    }
  }
}
