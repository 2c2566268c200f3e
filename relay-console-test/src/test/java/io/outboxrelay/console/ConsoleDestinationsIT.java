package io.outboxrelay.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.ColorScheme;
import io.outboxrelay.publish.MessageHeaders;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * If there are several destinations, the console names those that get no events, with the reason.
 */
class ConsoleDestinationsIT extends WithEnvironment {
  ConsoleDestinationsIT() {
    super(Map.of("relay.defer-after", "300ms"));
  }

  @Test
  void oneThatTakesNothingIsNamedWhileTheOthersTakeTheirs() throws Exception {
    stage
        .broker()
        .fail(message -> "order".equals(message.headers().get(MessageHeaders.AGGREGATE_TYPE)));
    try (var writer = Writer.start(stage);
        var window = Window.open(stage, "overview", 1280, 1500, ColorScheme.LIGHT)) {
      writer.awaitCommitted(300);

      assertThat(window.stage("broker")).containsText("order is down, and is tried again");
      assertThat(window.page().locator(".stage.stuck")).hasCount(0);
      assertThat(row(window, "order")).containsText("circuit breaker open");
      assertThat(row(window, "order"))
          .containsText("Its events are deferred; it is tried again regularly");
      assertThat(row(window, "order")).containsText("cannot take it now");
      assertThat(row(window, "invoice")).containsText("healthy");
      assertThat(window.page().locator(".badge")).hasCount(0);
      window.screenshot("one-destination-down");
      stage.broker().fail(message -> false);

      assertThat(row(window, "order")).containsText("healthy");
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void oneThatIsPausedIsNamedAndGoesOn() throws Exception {
    try (var writer = Writer.start(stage);
        var window = Window.open(stage, "overview", 1280, 1500, ColorScheme.DARK)) {
      writer.awaitCommitted(600);
      assertThat(row(window, "order")).containsText("healthy");
      window.button("Pause…").click();
      window.dialog().getByLabel("Destination").fill("order");
      window.inDialog("Pause").click();

      assertThat(window.stage("broker")).containsText("order is paused");
      assertThat(window.verdict()).containsText("; order is paused");
      assertThat(row(window, "order")).containsText("Its events wait until it is resumed");
      assertThat(row(window, "invoice")).containsText("healthy");
      window.screenshot("one-destination-paused");
      window.button("Resume").click();

      window.awaitTold("order goes on");
      assertThat(row(window, "order")).containsText("healthy");
      assertThat(window.faults()).isEmpty();
    }
  }

  private static Locator row(Window window, String destination) {
    return window
        .page()
        .locator("relay-destinations tbody tr")
        .filter(new Locator.FilterOptions().setHasText(destination));
  }
}
