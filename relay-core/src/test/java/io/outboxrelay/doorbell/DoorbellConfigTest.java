package io.outboxrelay.doorbell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.settings.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DoorbellConfigTest {
  @Test
  void theLatencyTargetHasADefaultAndALimit() {
    var config = from(Map.of());

    assertThat(config.latencyTarget()).isEqualTo(Duration.ofMillis(3));
    assertThat(config.latencyLimit()).isEqualTo(Duration.ofMillis(40));
  }

  @Test
  void aTargetBeyondTheUsualLimitIsTheLimit() {
    var config = from(Map.of("latency-target", "100ms"));

    assertThat(config.latencyTarget()).isEqualTo(Duration.ofMillis(100));
    assertThat(config.latencyLimit()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void aLimitBelowTheTargetIsAMistake() {
    assertThatThrownBy(() -> from(Map.of("latency-target", "5ms", "latency-limit", "2ms")))
        .hasMessageContaining(
            "latency-limit = \"2ms\"   must be at least relay.latency-target; with both equal");
  }

  @Test
  void aTargetOfNothingOrOfMinutesIsAMistake() {
    assertThatThrownBy(() -> from(Map.of("latency-target", "0ms")))
        .hasMessageContaining("latency-target = \"0ms\"   must be from 1ms to 10s");
    assertThatThrownBy(() -> from(Map.of("latency-target", "2m")))
        .hasMessageContaining("latency-target = \"2m\"   must be from 1ms to 10s");
  }

  private static DoorbellConfig from(Map<String, Object> values) {
    var settings = Settings.of("relay.yaml", values);
    var config = DoorbellConfig.from(settings);
    settings.verify();
    return config;
  }
}
