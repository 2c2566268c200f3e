package io.outboxrelay.leadership;

import static io.outboxrelay.leadership.RelayState.DRAINING;
import static io.outboxrelay.leadership.RelayState.LEADING;
import static io.outboxrelay.leadership.RelayState.STANDBY;
import static io.outboxrelay.leadership.RelayState.STOPPED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The moves that the picture shows, and no others. */
class RelayStateTest {
  private static final Map<RelayState, Set<RelayState>> LEGAL =
      Map.of(
          STANDBY, Set.of(LEADING, STOPPED),
          LEADING, Set.of(DRAINING),
          DRAINING, Set.of(STANDBY, STOPPED),
          STOPPED, Set.of());

  @Test
  void movesAsDrawn() {
    LEGAL.forEach((from, all) -> all.forEach(to -> assertThat(from.to(to)).isEqualTo(to)));
  }

  @Test
  void refusesEveryOtherMove() {
    for (var from : RelayState.values()) {
      for (var to : RelayState.values()) {
        if (!LEGAL.getOrDefault(from, Set.of()).contains(to)) {
          assertThatThrownBy(() -> from.to(to))
              .isInstanceOf(IllegalStateException.class)
              .hasMessage("a relay cannot go from " + from + " to " + to);
        }
      }
    }
  }
}
