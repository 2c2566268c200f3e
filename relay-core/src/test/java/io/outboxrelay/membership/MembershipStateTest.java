package io.outboxrelay.membership;

import static io.outboxrelay.membership.MembershipState.ABSENT;
import static io.outboxrelay.membership.MembershipState.PRESENT;
import static io.outboxrelay.membership.MembershipState.STOPPED;
import static io.outboxrelay.membership.MembershipState.WITHDRAWN;

import io.outboxrelay.lifecycle.MoveTable;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembershipStateTest {
  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        MembershipState.class,
        MembershipState::to,
        Map.of(
            ABSENT, Set.of(PRESENT, WITHDRAWN, STOPPED),
            PRESENT, Set.of(ABSENT, WITHDRAWN, STOPPED),
            WITHDRAWN, Set.of(ABSENT, STOPPED)));
  }
}
