package io.outboxrelay.doorbell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.settings.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DoorbellConfigTest {
  @Test
  void thePaceHasALimit() {
    var config = from(Map.of());

    assertThat(config.pace()).isEqualTo(Duration.ofMillis(1));
    assertThat(config.paceLimit()).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void aPaceBeyondTheUsualLimitIsOneItself() {
    var config = from(Map.of("pace", "100ms"));

    assertThat(config.pace()).isEqualTo(Duration.ofMillis(100));
    assertThat(config.paceLimit()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void aLimitBelowThePaceIsAMistake() {
    assertThatThrownBy(() -> from(Map.of("pace", "5ms", "pace-limit", "2ms")))
        .hasMessageContaining(
            "pace-limit = \"2ms\"   must be at least relay.pace; the same keeps the pace constant");
  }

  private static DoorbellConfig from(Map<String, Object> values) {
    var settings = Settings.of("relay.yaml", values);
    var config = DoorbellConfig.from(settings);
    settings.verify();
    return config;
  }
}
