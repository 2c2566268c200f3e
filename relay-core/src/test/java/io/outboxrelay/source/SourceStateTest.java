package io.outboxrelay.source;

import static io.outboxrelay.source.SourceState.CREATING;
import static io.outboxrelay.source.SourceState.LOG;
import static io.outboxrelay.source.SourceState.TABLE;
import static io.outboxrelay.source.SourceState.WAITING;

import io.outboxrelay.lifecycle.MoveTable;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SourceStateTest {
  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        SourceState.class,
        SourceState::to,
        Map.of(
            TABLE, Set.of(CREATING),
            CREATING, Set.of(WAITING, TABLE),
            WAITING, Set.of(LOG, TABLE),
            LOG, Set.of(TABLE)));
  }
}
