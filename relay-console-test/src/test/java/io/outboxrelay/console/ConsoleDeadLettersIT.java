package io.outboxrelay.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rejected events are shown with their reason, and can be retried or discarded on the page. */
class ConsoleDeadLettersIT extends WithEnvironment {
  private void refuse(String eventType) {
    stage
        .broker()
        .refuse(message -> eventType.equals(message.headers().get(MessageHeaders.EVENT_TYPE)));
  }

  private void parkOne() throws SQLException {
    refuse("changed");
    stage.commit("order", "order-42", "created", "{\"step\": 1}");
    stage.commit("order", "order-42", "changed", "{\"step\": 2}");
    stage.commit("order", "order-42", "closed", "{\"step\": 3}");
  }

  @Test
  void aParkedAggregateIsEditedAndGoesOnInOrder() throws SQLException {
    parkOne();
    try (var window = Window.open(stage, "parked")) {
      assertThat(window.page().getByText("1 event blocked behind it")).isVisible();
      assertThat(window.page().locator(".parked .why")).containsText("refuses it");
      window.screenshot("parked");
      window.button("order-42").click();
      assertThat(window.dialog().locator("pre")).containsText("\"step\": 2");
      window.screenshot("dead-letter");
      window.inDialog("Edit").click();

      window.dialog().locator("textarea").fill("{\"step\": }");
      assertThat(window.dialog().getByText("This is not JSON")).isVisible();
      assertThat(window.inDialog("Save and retry")).isDisabled();
      window.screenshot("editing");
      window.dialog().locator("textarea").fill("{\"step\": 2, \"corrected\": true}");
      window.dialog().getByLabel("Event type").fill("amended");
      window.inDialog("Save and retry").click();

      window.awaitTold("is changed and being retried");
      assertThat(window.dialog().locator(".outcome.good")).containsText("has accepted it");
      window.inDialog("Close").click();
      await().atMost(PATIENCE).until(() -> stage.broker().messages("order").size() == 3);
      assertThat(stage.broker().messages("order"))
          .extracting(message -> message.headers().get(MessageHeaders.EVENT_TYPE))
          .containsExactly("created", "amended", "closed");
      assertThat(stage.broker().messages("order").get(1))
          .extracting(ConsoleDeadLettersIT::text)
          .asString()
          .contains("\"corrected\"");
      assertThat(window.page().getByText("No aggregate is parked")).isVisible();
      assertThat(window.faults()).isEmpty();
    }
  }

  private static String text(ReceivedMessage message) {
    return String.valueOf(message.payload());
  }

  @Test
  void aParkedAggregateIsRetriedOnceTheCauseIsGone() throws SQLException {
    parkOne();
    try (var window = Window.open(stage, "parked")) {
      assertThat(window.button("Retry")).isVisible();
      stage.broker().refuse(message -> false);
      window.button("Retry").click();
      assertThat(window.dialog()).containsText("of aggregate order-42?");
      window.inDialog("Retry 1").click();

      window.awaitTold("will follow in order");
      window.awaitTold("the broker has accepted it");
      await().atMost(PATIENCE).until(() -> stage.broker().messages("order").size() == 3);
      assertThat(window.page().getByText("No aggregate is parked")).isVisible();
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void aDiscardedHeadLetsItsFollowersGo() throws SQLException {
    parkOne();
    try (var window = Window.open(stage, "parked")) {
      window.button("Discard").click();
      assertThat(window.dialog()).containsText("Discard 1 event of aggregate order-42?");
      window.inDialog("Discard 1").click();

      window.awaitTold("Gave up 1 rejected event; 1 behind it will be published");
      await().atMost(PATIENCE).until(() -> stage.broker().messages("order").size() == 2);
      assertThat(window.page().getByText("No aggregate is parked")).isVisible();
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void thousandsOfDeadLettersPageAndComeBackAtOnce() throws SQLException {
    stage.broker().refuse(message -> true);
    stage.commitMany(6_000);
    try (var window = Window.open(stage, "dead-letters");
        var small = Window.open(stage, "dead-letters", 360, 740, ColorScheme.DARK)) {
      assertThat(window.page().locator(".pager").first())
          .hasText(Pattern.compile("\\s*1–50 of [2-6],\\d{3}\\s*"));
      window.button("Next page").click();
      assertThat(window.page().locator(".pager").first())
          .hasText(Pattern.compile("\\s*51–100 of [2-6],\\d{3}\\s*"));
      window.screenshot("thousands-of-dead-letters");
      assertThat(small.page().locator("tbody tr")).hasCount(50);
      small.screenshot("thousands-of-dead-letters-small");
      assertThat(small.overflow()).isLessThanOrEqualTo(0);

      window.page().getByLabel("Aggregate").fill("invoice-1001");
      window.page().keyboard().press("Enter");
      assertThat(window.page().locator("tbody tr .tag").first()).hasText("rejected");
      window.go("dead-letters");
      assertThat(window.page().locator("tbody tr")).hasCount(50);
      window.button("Discard…").click();
      String rejected =
          CountFormat.of(stage.count("select count(*) from outbox_dead_letter where attempts > 0"));
      assertThat(window.dialog()).containsText("Discard " + rejected + " events in all?");
      assertThat(window.inDialog("Discard " + rejected)).isDisabled();
      window.screenshot("discard-asks");
      window.inDialog("Cancel").click();

      stage.broker().refuse(message -> false);
      window.button("Retry…").click();
      assertThat(window.dialog()).containsText("Retry 2,000 events in all?");
      window.inDialog("Retry 2,000").click();

      window.awaitTold("Retrying 2,000 rejected events; 4,000 behind them will follow in order");
      window.awaitTold("no event is rejected any more");
      assertThat(window.page().getByText("No dead letters")).isVisible();
      assertThat(stage.broker().messages("order")).hasSize(2_001);
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void ofTwoOperatorsTheSecondIsTold() throws SQLException {
    parkOne();
    try (var first = Window.open(stage, "parked");
        var second = Window.open(stage, "parked")) {
      first.button("order-42").click();
      first.inDialog("Edit").click();
      second.button("order-42").click();
      second.inDialog("Edit").click();
      second.dialog().getByLabel("Event type").fill("mine");

      first.dialog().getByLabel("Event type").fill("theirs");
      first.inDialog("Save").click();
      first.awaitTold("is changed");
      second.inDialog("Save").click();

      assertThat(second.dialog().getByRole(AriaRole.ALERT)).containsText("nothing was changed");
      second.screenshot("somebody-was-first");
      second.inDialog("Show it as it is now").click();
      assertThat(second.dialog()).containsText("theirs");

      first.inDialog("Discard").click();
      first.inDialog("Discard 1").click();
      first.awaitTold("Gave up 1 rejected event");
      second.inDialog("Retry").click();
      assertThat(second.dialog().getByRole(AriaRole.ALERT)).containsText("There is no dead letter");
      assertThat(first.faults()).isEmpty();
      assertThat(second.faults()).isEmpty();
    }
  }

  @Test
  void aRetryThatIsRejectedAgainIsReported() throws SQLException {
    parkOne();
    try (var window = Window.open(stage, "parked")) {
      window.button("order-42").click();
      assertThat(window.dialog()).containsText("once, last at");
      window.inDialog("Retry").click();
      window.inDialog("Retry 1").click();

      assertThat(window.dialog().locator(".outcome.bad")).containsText("was rejected again");
      assertThat(window.dialog()).containsText("2 times, last at");
      window.screenshot("rejected-again");
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void aHeaderThatIsANumberBecomesText() throws SQLException {
    stage
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers) values"
                + " ('order', 'order-7', 'created', '{}', '{\"retries\": 3, \"a\": \"b\"}')");
    try (var window = Window.open(stage, "parked")) {
      window.button("order-7").click();
      assertThat(window.dialog()).containsText("\"b\"");
      window.inDialog("Edit").click();
      assertThat(window.inDialog("Save")).isDisabled();
      window.dialog().getByLabel("Type of header 2").selectOption("text");
      assertThat(window.dialog().locator(".difference")).containsText("\"3\"");
      window.screenshot("header-type");
      window.inDialog("Save and retry").click();

      assertThat(window.dialog().locator(".outcome.good")).containsText("has accepted it");
      await().atMost(PATIENCE).until(() -> stage.broker().messages("order").size() == 1);
      assertThat(stage.broker().messages("order").get(0).headers())
          .containsEntry("retries", "3")
          .containsEntry("a", "b");
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void aPayloadThatIsTooLargeIsShownInPartAndAnEditLeavesItAsItIs() throws SQLException {
    parkOne();
    stage
        .database()
        .execute(
            "update outbox_dead_letter set payload = to_jsonb(repeat('x', 3000000)) where seq = 2");
    try (var window = Window.open(stage, "dead-letters?dead-letter=2")) {
      assertThat(window.dialog()).containsText("Only the first 2,097,152 of 3,000,002 bytes");
      window.inDialog("Edit").click();
      assertThat(window.dialog()).containsText("too large to be changed here");
      window.dialog().getByLabel("Event type").fill("mine");
      window.inDialog("Save").click();

      assertThat(window.dialog().locator("dl")).containsText("mine");
      assertThat(stage.count("select length(payload::text) from outbox_dead_letter where seq = 2"))
          .isEqualTo(3_000_002);
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void aDeadLetterHasAnAddress() throws SQLException {
    parkOne();
    try (var window = Window.open(stage, "parked");
        var colleague = Window.open(stage, "dead-letters?dead-letter=2")) {
      assertThat(colleague.dialog()).containsText("order-42");
      colleague.inDialog("Close").click();
      assertThat(colleague.page().locator("dialog[open]")).hasCount(0);
      assertThat(colleague.page()).hasURL(stage.url() + "#/dead-letters");

      window.button("order-42").click();
      assertThat(window.page()).hasURL(stage.url() + "#/parked?dead-letter=2");
      window.page().goBack();
      assertThat(window.page().locator("dialog[open]")).hasCount(0);
      assertThat(window.page()).hasURL(stage.url() + "#/parked");
      window.page().goForward();
      assertThat(window.dialog()).containsText("order-42");
      assertThat(window.faults()).isEmpty();
      assertThat(colleague.faults()).isEmpty();
    }
  }

  @Test
  void oneNumberIsShownEverywhere() throws SQLException {
    parkOne();
    try (var window = Window.open(stage, "dead-letters")) {
      assertThat(window.page().locator("nav.views .badge").last()).hasText("1");
      assertThat(window.page().locator(".pager").first()).containsText("1–1 of 1");
      assertThat(window.page().locator("tbody .tag")).hasText("rejected");
      window.button("Retry…").click();
      assertThat(window.dialog()).containsText("Retry 1 event in all?");
      window.inDialog("Cancel").click();
      window.page().getByLabel("also blocked and deferred events").check();
      assertThat(window.page().locator("tbody .tag")).hasText(new String[] {"rejected", "blocked"});
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void aLargePayloadIsShownShortenedAndCanBeSaved() throws Exception {
    refuse("changed");
    stage.commit("order", "order-42", "changed", "{\"text\": \"" + "x".repeat(1_000_000) + "\"}");
    try (var window = Window.open(stage, "parked")) {
      window.button("order-42").click();
      assertThat(window.dialog()).containsText("The first 20,000 of 1,000,012 characters");
      var saved = window.page().waitForDownload(() -> window.inDialog("Download").click());
      assertThat(saved.suggestedFilename()).isEqualTo("dead-letter-1.json");
      assertThat(Files.size(saved.path())).isEqualTo(1_000_012);
      window.inDialog("Show all").click();
      assertThat(window.dialog()).containsText("All 1,000,012 characters");
      assertThat(window.faults()).isEmpty();
    }
  }

  @Test
  void deadLettersAreExported() throws Exception {
    stage.broker().refuse(message -> true);
    stage
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
                + " select 'order', 'order-' || n, '=1+1', '{}' from generate_series(1, 120) n");
    try (var window = Window.open(stage, "dead-letters")) {
      assertThat(window.page().locator(".pager").first()).containsText("of 120");
      window.page().getByText("Export").click();
      var lines = window.page().waitForDownload(() -> window.button("JSON lines").click());
      assertThat(Files.readAllLines(lines.path()))
          .hasSize(120)
          .allSatisfy(
              line -> assertThat(new JsonObject(line).getString("payload")).isEqualTo("{}"));
      var table = window.page().waitForDownload(() -> window.button("CSV").click());
      assertThat(Files.readAllLines(table.path()))
          .hasSize(121)
          .filteredOn(line -> line.contains("\"'=1+1\""))
          .hasSize(120);
      assertThat(window.faults()).isEmpty();
    }
  }
}
