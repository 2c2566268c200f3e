package io.outboxrelay.publish;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.SettingProblems;
import io.outboxrelay.settings.Settings;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DestinationNameTest {
  private static final OutboxEvent ORDER = event(1, "order-1");

  @Test
  void theHeaderWinsOverTemplateAndRegularExpression() {
    var name =
        valid(Map.of("topic-regex", "(.*)", "topic-replacement", "new.$1", "topic-header", "to"));

    assertThat(name.of(ORDER)).isEqualTo("new.order.events");
    assertThat(name.of(event(1, "order-1", Map.of("to", "vip")))).isEqualTo("vip");
    assertThat(name.only()).isEmpty();
    assertThat(name.isByType()).isFalse();
    assertThat(name)
        .hasToString(
            "${aggregate_type}.events by the regular expression (.*) -> new.$1, or the event's header"
                + " to");
  }

  /** The expected names are the results of Kafka Connect's RegexRouter. */
  @ParameterizedTest
  @CsvSource({
    "order, (?<routedByValue>.*), outbox.event.${routedByValue}, outbox.event.order",
    "order, '', x, order",
    "'', .*, x, x",
    "order, ord, x, order",
    "order, ord.*, x, x",
    "order_v2, (.*)_v\\d+, $1, order",
    "order_v2, (.*)_v(\\d+), $2.$1, 2.order",
    "order, (x)?order, [$1], []",
    "order, .*, \\$1, $1",
    "'or\nder', .*, x, 'or\nder'",
    "'or\nder', (?s).*, x, x"
  })
  void aRegularExpressionRewritesANameThatItMatchesAsAWhole(
      String name, String regex, String replacement, String expected) {
    assertThat(RegexRoute.of(RegexRoute.regex(regex), replacement).of(name)).isEqualTo(expected);
  }

  @Test
  void aConstantNameIsRewrittenOnce() {
    assertThat(valid(Map.of("topic", "a", "topic-regex", "a", "topic-replacement", "b")).only())
        .contains("b");
    assertThat(valid(Map.of()).only()).isEmpty();
    assertThat(valid(Map.of()).isByType()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "(, x, topic-regex, is not a regular expression",
    "(.*), $2, topic-replacement, does not fit the regular expression (.*)",
    "(?<a>.*), ${b}, topic-replacement, 'group with name {b}'",
    "(.*), $, topic-replacement, 'a group is written ${name} or $1'",
    "(.*), , topic-replacement, is missing beside topic-regex",
    ", x, topic-regex, is missing beside topic-replacement"
  })
  void aMistakeIsFoundAtTheStart(
      @Nullable String regex, @Nullable String replacement, String key, String message) {
    var settings = new HashMap<String, Object>();
    if (regex != null) {
      settings.put("topic-regex", regex);
    }
    if (replacement != null) {
      settings.put("topic-replacement", replacement);
    }

    assertThat(problems(settings)).hasSize(1);
    assertThat(problems(settings).get(key)).contains(message);
  }

  private static Map<String, String> problems(Map<String, Object> values) {
    return SettingProblems.of(() -> valid(values));
  }

  private static DestinationName valid(Map<String, Object> values) {
    var settings = Settings.of("test", values);
    var name = DestinationName.from(settings, "topic", "${aggregate_type}.events");
    settings.verify();
    return name;
  }
}
