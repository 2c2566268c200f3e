package io.outboxrelay.dispatch;

import static io.outboxrelay.dispatch.RetryState.ENDED;
import static io.outboxrelay.dispatch.RetryState.NORMAL;
import static io.outboxrelay.dispatch.RetryState.OUTAGE;

import io.outboxrelay.lifecycle.MoveTable;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetryStateTest {
  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        RetryState.class,
        RetryState::to,
        Map.of(
            NORMAL, Set.of(OUTAGE, ENDED),
            OUTAGE, Set.of(NORMAL, ENDED)));
  }
}
