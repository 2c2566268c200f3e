package io.outboxrelay.lifecycle;

import static io.outboxrelay.lifecycle.ServiceState.DRAINING;
import static io.outboxrelay.lifecycle.ServiceState.NEW;
import static io.outboxrelay.lifecycle.ServiceState.RUNNING;
import static io.outboxrelay.lifecycle.ServiceState.STOPPED;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServiceStateTest {
  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        ServiceState.class,
        ServiceState::to,
        Map.of(
            NEW, Set.of(RUNNING, DRAINING, STOPPED),
            RUNNING, Set.of(DRAINING, STOPPED),
            DRAINING, Set.of(STOPPED)));
  }
}
