package io.outboxrelay.leadership;

import static io.outboxrelay.leadership.BrokerCallState.ASKING;
import static io.outboxrelay.leadership.BrokerCallState.AWAY;
import static io.outboxrelay.leadership.BrokerCallState.CALLING;
import static io.outboxrelay.leadership.BrokerCallState.PROVING;
import static io.outboxrelay.leadership.BrokerCallState.QUIET;
import static io.outboxrelay.leadership.BrokerCallState.STOPPED;

import io.outboxrelay.lifecycle.MoveTable;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BrokerCallStateTest {
  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        BrokerCallState.class,
        BrokerCallState::to,
        Map.of(
            QUIET, Set.of(PROVING, STOPPED),
            PROVING, Set.of(QUIET, CALLING, STOPPED),
            CALLING, Set.of(QUIET, ASKING, STOPPED),
            ASKING, Set.of(QUIET, CALLING, AWAY, STOPPED),
            AWAY, Set.of(QUIET, STOPPED)));
  }
}
