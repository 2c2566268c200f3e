package io.outboxrelay.doorbell;

import static io.outboxrelay.doorbell.HearingState.HEARD;
import static io.outboxrelay.doorbell.HearingState.QUIET;
import static io.outboxrelay.doorbell.HearingState.UNPROVEN;

import io.outboxrelay.lifecycle.MoveTable;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HearingStateTest {
  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        HearingState.class,
        HearingState::to,
        Map.of(
            UNPROVEN, Set.of(HEARD),
            HEARD, Set.of(QUIET),
            QUIET, Set.of(HEARD)));
  }
}
