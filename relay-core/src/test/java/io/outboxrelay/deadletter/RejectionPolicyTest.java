package io.outboxrelay.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.settings.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests which setting decides about a rejected event. */
class RejectionPolicyTest {
  @Test
  void theLongestPatternThatFitsDecides() {
    var rejections =
        RejectionPolicy.from(
            Settings.of(
                "test",
                Map.of(
                    "on-rejected",
                    "halt",
                    "on-rejected-for",
                    Map.of("audit.*", "skip", "audit.bill", "park", "*.events", "skip"))));

    assertThat(rejections.at("orders")).isEqualTo(RejectionAction.HALT);
    assertThat(rejections.at("audit.x")).isEqualTo(RejectionAction.SKIP);
    assertThat(rejections.at("audit.bill")).isEqualTo(RejectionAction.PARK);
    assertThat(rejections.at("auditXbill")).as("a dot is a dot").isEqualTo(RejectionAction.HALT);
    assertThat(rejections.at("order.events")).isEqualTo(RejectionAction.SKIP);
    assertThat(rejections.at("order.events.old")).isEqualTo(RejectionAction.HALT);
  }

  @Test
  void parksWhereNothingIsSaid() {
    assertThat(RejectionPolicy.from(Settings.of("test", Map.of())).at(""))
        .isEqualTo(RejectionAction.PARK);
  }

  @Test
  void allMistakesAreReportedAtOnce() {
    var settings =
        Settings.of(
            "test",
            Map.of("on-rejected", "drop", "on-rejected-for", Map.of("a*", "perk", "b", "skip")));
    RejectionPolicy.from(settings);

    assertThatThrownBy(settings::verify)
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("on-rejected = \"drop\"")
        .hasMessageContaining("on-rejected-for.a* = \"perk\"")
        .hasMessageContaining("must be park, skip, halt");
  }
}
