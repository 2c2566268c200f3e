package io.outboxrelay.leadership;

import static io.outboxrelay.leadership.ShardState.AWAY;
import static io.outboxrelay.leadership.ShardState.CAMPAIGNING;
import static io.outboxrelay.leadership.ShardState.CAMPAIGN_FAILED;
import static io.outboxrelay.leadership.ShardState.GIVING_WAY;
import static io.outboxrelay.leadership.ShardState.IDLE;
import static io.outboxrelay.leadership.ShardState.LEADING;
import static io.outboxrelay.leadership.ShardState.RELEASING;
import static io.outboxrelay.leadership.ShardState.RESIGNING;
import static io.outboxrelay.leadership.ShardState.STOPPED;
import static io.outboxrelay.leadership.ShardState.STOPPING;
import static io.outboxrelay.leadership.ShardState.TERM_FAILED;
import static io.outboxrelay.leadership.ShardState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.lifecycle.MoveTable;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShardStateTest {
  private static final Map<ShardState, Set<ShardState>> LEGAL =
      Map.ofEntries(
          Map.entry(IDLE, Set.of(CAMPAIGNING, STOPPING)),
          Map.entry(CAMPAIGNING, Set.of(LEADING, CAMPAIGN_FAILED, AWAY, STOPPING)),
          Map.entry(LEADING, Set.of(RELEASING, TERM_FAILED, GIVING_WAY, RESIGNING)),
          Map.entry(RELEASING, Set.of(WAITING, RESIGNING)),
          Map.entry(CAMPAIGN_FAILED, Set.of(WAITING, IDLE, STOPPING)),
          Map.entry(TERM_FAILED, Set.of(WAITING, IDLE, RESIGNING)),
          Map.entry(GIVING_WAY, Set.of(AWAY, RESIGNING)),
          Map.entry(AWAY, Set.of(IDLE, CAMPAIGNING, STOPPING)),
          Map.entry(WAITING, Set.of(IDLE, CAMPAIGNING, STOPPING)),
          Map.entry(RESIGNING, Set.of(STOPPED)),
          Map.entry(STOPPING, Set.of(STOPPED)));

  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(ShardState.class, ShardState::to, LEGAL);
  }

  @Test
  void canStopInEveryState() {
    LEGAL.keySet().stream()
        .filter(state -> !Set.of(RESIGNING, STOPPING, STOPPED).contains(state))
        .forEach(state -> assertThat(state.to(state.whenStopped()).to(STOPPED)).isEqualTo(STOPPED));
  }

  @Test
  void movesForOperatorsAsRelayStateDraws() {
    var seen = new EnumMap<RelayState, Set<RelayState>>(RelayState.class);
    LEGAL.forEach(
        (from, all) ->
            all.forEach(
                to -> {
                  if (from.forOperators() != to.forOperators()) {
                    seen.computeIfAbsent(
                            from.forOperators(), none -> EnumSet.noneOf(RelayState.class))
                        .add(to.forOperators());
                  }
                }));

    assertThat(seen)
        .isEqualTo(
            Map.of(
                RelayState.STANDBY, Set.of(RelayState.LEADING, RelayState.STOPPED),
                RelayState.LEADING, Set.of(RelayState.DRAINING),
                RelayState.DRAINING, Set.of(RelayState.STANDBY, RelayState.STOPPED)));
  }
}
