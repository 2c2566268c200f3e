package io.outboxrelay.messageformat;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.SettingProblems;
import io.outboxrelay.settings.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageFormatsTest {
  @Test
  void messagesAreRawUnlessSaidOtherwise() {
    var formats = valid(Map.of());

    assertThat(formats.of("orders")).isEqualTo(MessageFormat.RAW);
    assertThat(formats.isByDestination()).isFalse();
    assertThat(formats.newEncoder()).isEmpty();
    assertThat(formats).hasToString("raw");
  }

  @Test
  void theLongestPatternThatFitsADestinationCounts() {
    var formats =
        valid(
            Map.of(
                "format",
                "cloudevents-binary",
                "format-for",
                Map.of("audit.*", "raw", "audit.logins", "cloudevents-structured")));

    assertThat(formats.of("orders")).isEqualTo(MessageFormat.CLOUDEVENTS_BINARY);
    assertThat(formats.of("audit.orders")).isEqualTo(MessageFormat.RAW);
    assertThat(formats.of("audit.logins")).isEqualTo(MessageFormat.CLOUDEVENTS_STRUCTURED);
    assertThat(formats.isByDestination()).isTrue();
    assertThat(formats)
        .hasToString("cloudevents-binary, audit.logins cloudevents-structured, audit.* raw");
  }

  @Test
  void oneDestinationIsEnoughForAnEncoder() {
    assertThat(valid(Map.of("format-for", Map.of("a", "cloudevents-binary"))).newEncoder())
        .isPresent();
  }

  @Test
  void mistakesAreReportedAllAtOnce() {
    assertThat(
            problems(
                Map.of(
                    "format", "cloudevents",
                    "format-for", Map.of("a", "cloudevents-binary", "b", "avro"),
                    "cloudevents",
                        Map.of(
                            "source", "http://[x",
                            "type", "",
                            "subject", "${aggregate}",
                            "data-schema", "::",
                            "extensions",
                                Map.of("Tenant", "x", "time", "x", "ok1", "${headers.x}")))))
        .containsOnlyKeys(
            "format",
            "format-for.b",
            "cloudevents.source",
            "cloudevents.type",
            "cloudevents.subject",
            "cloudevents.data-schema",
            "cloudevents.extensions.Tenant",
            "cloudevents.extensions.time")
        .containsEntry(
            "format", "is not one of raw, cloudevents-binary, cloudevents-structured, debezium")
        .containsEntry(
            "format-for.b", "must be raw, cloudevents-binary, cloudevents-structured, debezium");
  }

  @Test
  void debeziumsFormatNeedsItsLayout() {
    assertThat(problems(Map.of("format", "debezium")))
        .containsOnly(Map.entry("format", "is debezium, which needs outbox.layout: debezium"));
    assertThat(valid(Map.of("outbox.layout", "debezium")).of("any"))
        .isEqualTo(MessageFormat.DEBEZIUM);
  }

  @Test
  void settingsThatNoFormatUsesAreAMistake() {
    assertThat(problems(Map.of("cloudevents", Map.of("source", "/orders"))))
        .containsOnly(
            Map.entry(
                "cloudevents.source", "is not used: no destination has the format cloudevents-…"));
  }

  private static Map<String, String> problems(Map<String, ?> values) {
    return SettingProblems.of(() -> valid(values));
  }

  private static MessageFormats valid(Map<String, ?> values) {
    var settings = Settings.of("test", values);
    var formats = MessageFormats.from(settings);
    settings.verify();
    return formats;
  }
}
