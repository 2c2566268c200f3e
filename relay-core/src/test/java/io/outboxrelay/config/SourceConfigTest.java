package io.outboxrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.doorbell.WakeupMode;
import io.outboxrelay.settings.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SourceConfigTest {
  @Test
  void ifTheLogIsChosenWritersNeedNoDoorbell() {
    assertThat(wakeup(Map.of("source", "log"))).isEqualTo(WakeupMode.POLL);
    assertThat(wakeup(Map.of("source", "log", "wakeup", "doorbell")))
        .isEqualTo(WakeupMode.DOORBELL);
  }

  @Test
  void otherwiseWritersRingIt() {
    assertThat(wakeup(Map.of())).isEqualTo(WakeupMode.DOORBELL);
    assertThat(wakeup(Map.of("source", "auto"))).isEqualTo(WakeupMode.DOORBELL);
  }

  private static WakeupMode wakeup(Map<String, Object> values) {
    var settings = Settings.of("relay.yaml", values);
    var config = SourceConfig.from(settings);
    settings.verify();
    return config.doorbell().wakeup();
  }
}
