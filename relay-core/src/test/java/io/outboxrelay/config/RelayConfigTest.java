package io.outboxrelay.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.ScriptedBroker;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Future;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RelayConfigTest {
  private static String fingerprint(Map<String, Object> columns) {
    var settings = Settings.of("test", Map.of("outbox", Map.of("columns", columns)));
    return RelayConfig.from(settings)
        .configFingerprint(new ScriptedBroker(Future.failedFuture("not connected")));
  }

  /** A relay with another mapping would read other values for the same event. */
  @Test
  void relaysWithDifferentColumnsHaveDifferentFingerprints() {
    var own = fingerprint(Map.of());
    var number = fingerprint(Map.of("id-type", "number"));
    var none = fingerprint(Map.of("id-type", "number", "headers", "none"));
    var named = fingerprint(Map.of("id-type", "number", "headers", "metadata"));

    assertThat(own).doesNotContain("columns");
    assertThat(number).contains("columns: ", "headers headers", "id-type number");
    assertThat(none).contains("headers none");
    assertThat(named).contains("headers metadata");
  }

  /** The messages of an event would depend on the relay that publishes it. */
  @Test
  void relaysWithDifferentOptionsOfTheRouterHaveDifferentFingerprints() {
    var settings =
        Settings.of(
            "test",
            Map.of("outbox.layout", "debezium", "outbox.debezium.placement", "tenant:header"));
    String fingerprint =
        RelayConfig.from(settings)
            .configFingerprint(new ScriptedBroker(Future.failedFuture("not connected")));

    assertThat(fingerprint).contains("debezium placement [tenant:header]");
  }

  @Test
  void theFingerprintDoesNotDependOnTheOrderOfTheSettings() {
    assertThat(fingerprint(Map.of("seq", "n", "payload", "body", "headers", "none")))
        .isEqualTo(fingerprint(Map.of("headers", "none", "payload", "body", "seq", "n")));
  }
}
