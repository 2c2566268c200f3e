package io.outboxrelay.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.settings.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokensTest {
  @Test
  void eachHasTheNameThatItWasGiven() {
    var settings =
        Settings.of(
            "test",
            Map.of(
                "token",
                "known to whoever may",
                "tokens",
                Map.of("alice", "known to alice alone", "bob@home.org", "known to bob alone")));

    var tokens = Tokens.from(settings);

    settings.verify();
    assertThat(tokens.byName()).containsOnlyKeys("token", "alice", "bob@home.org");
    assertThat(tokens.toString() + settings.inForce())
        .contains("alice", "bob@home.org")
        .doesNotContain("known to");
  }

  @Test
  void mistakesAreToldTogetherAndWithoutTheTokens() {
    var settings =
        Settings.of(
            "test",
            Map.of(
                "admin",
                Map.of(
                    "port",
                    "99999",
                    "token",
                    "known to whoever may",
                    "tokens",
                    Map.of(
                        "alice", "known to alice and bob",
                        "bob", "known to alice and bob",
                        "carol", "known to whoever may",
                        "dan", "too short",
                        "token", "known to nobody yet",
                        "no one", "known to no one at all"))));

    AdminConfig.from(settings);

    assertThatThrownBy(settings::verify)
        .hasMessageContaining("has 6 problems")
        .hasMessageContaining("admin.port")
        .hasMessageContaining("admin.tokens.bob = [hidden]")
        .hasMessageContaining("is the same as admin.tokens.alice")
        .hasMessageContaining("admin.tokens.carol = [hidden]")
        .hasMessageContaining("is the same as admin.token,")
        .hasMessageContaining("admin.tokens.dan = [hidden]")
        .hasMessageContaining("must be at least 16 characters long")
        .hasMessageContaining("admin.tokens.token = [hidden]")
        .hasMessageContaining("admin.tokens.no one = [hidden]")
        .hasMessageNotContainingAny("known to", "too short");
  }

  @Test
  void namedOnesAloneLetTheApiBeReachedFromElsewhere() {
    var settings =
        Settings.of(
            "test",
            Map.of(
                "admin.host", "0.0.0.0",
                "admin.api", "true",
                "admin.tokens.alice", "known to alice alone"));
    assertThat(AdminConfig.from(settings).knowsItsCallers()).isTrue();
    settings.verify();
  }
}
