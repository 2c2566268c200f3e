package io.outboxrelay.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.settings.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdminTokensConfigTest {
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

    var tokens = AdminTokensConfig.from(settings);

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
  void someMayOnlyLook() {
    var settings =
        Settings.of(
            "test",
            Map.of(
                "tokens.alice", "known to alice alone",
                "read-only-tokens.bob", "known to bob alone"));

    var tokens = AdminTokensConfig.from(settings);

    settings.verify();
    assertThat(tokens.role("alice")).isEqualTo(Role.OPERATOR);
    assertThat(tokens.role("bob")).isEqualTo(Role.READ_ONLY);
  }

  @Test
  void aCallerCannotBeBothReadOnlyAndOperator() {
    var settings =
        Settings.of(
            "test",
            Map.of(
                "admin.tokens.alice", "known to alice alone",
                "admin.read-only-tokens.alice", "known to alice as well",
                "admin.read-only-tokens.bob", "known to alice alone"));

    AdminConfig.from(settings);

    assertThatThrownBy(settings::verify)
        .hasMessageContaining("has 2 problems")
        .hasMessageContaining("has the name of admin.tokens.alice")
        .hasMessageContaining("is the same as admin.tokens.alice");
  }

  @Test
  void aSubjectThatIsNoneIsAMistake() {
    var settings =
        Settings.of(
            "test",
            Map.of("admin.tls.operators.alice", "alice", "admin.tls.read-only.bob", "CN=bob"));

    AdminConfig.from(settings);

    assertThatThrownBy(settings::verify)
        .hasMessageContaining("is not the subject of a certificate; write it like CN=")
        .hasMessageContaining("admin.tls.client-ca");
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
