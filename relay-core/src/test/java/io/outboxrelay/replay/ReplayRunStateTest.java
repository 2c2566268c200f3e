package io.outboxrelay.replay;

import static io.outboxrelay.replay.ReplayRunState.CLOSING;
import static io.outboxrelay.replay.ReplayRunState.ENDING;
import static io.outboxrelay.replay.ReplayRunState.OPENING;
import static io.outboxrelay.replay.ReplayRunState.PUBLISHING;
import static io.outboxrelay.replay.ReplayRunState.WAITING;

import io.outboxrelay.lifecycle.MoveTable;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayRunStateTest {
  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        ReplayRunState.class,
        ReplayRunState::to,
        Map.of(
            OPENING, Set.of(WAITING, ENDING, CLOSING),
            WAITING, Set.of(PUBLISHING, ENDING, CLOSING),
            PUBLISHING, Set.of(WAITING, ENDING, CLOSING),
            ENDING, Set.of(CLOSING)));
  }
}
