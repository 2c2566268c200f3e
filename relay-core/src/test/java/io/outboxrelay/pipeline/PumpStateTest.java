package io.outboxrelay.pipeline;

import static io.outboxrelay.pipeline.PumpState.ABANDONED;
import static io.outboxrelay.pipeline.PumpState.DRAINED;
import static io.outboxrelay.pipeline.PumpState.DRAINING;
import static io.outboxrelay.pipeline.PumpState.PAUSED;
import static io.outboxrelay.pipeline.PumpState.READING;

import io.outboxrelay.lifecycle.MoveTable;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PumpStateTest {
  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        PumpState.class,
        PumpState::to,
        Map.of(
            READING, Set.of(PAUSED, DRAINING, ABANDONED),
            PAUSED, Set.of(READING, DRAINING, ABANDONED),
            DRAINING, Set.of(DRAINED, ABANDONED),
            DRAINED, Set.of(ABANDONED)));
  }
}
