package io.outboxrelay.leadership;

import static io.outboxrelay.leadership.TermState.CAMPAIGNING;
import static io.outboxrelay.leadership.TermState.DRAINING;
import static io.outboxrelay.leadership.TermState.ENDED;
import static io.outboxrelay.leadership.TermState.LEADING;
import static io.outboxrelay.leadership.TermState.NEW;
import static io.outboxrelay.leadership.TermState.PREPARED;
import static io.outboxrelay.leadership.TermState.PREPARING;
import static io.outboxrelay.leadership.TermState.STARTING;
import static io.outboxrelay.leadership.TermState.TAKING_OVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.lifecycle.MoveTable;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TermStateTest {
  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        TermState.class,
        TermState::to,
        Map.of(
            NEW, Set.of(PREPARING, ENDED),
            PREPARING, Set.of(PREPARED, ENDED),
            PREPARED, Set.of(CAMPAIGNING, ENDED),
            CAMPAIGNING, Set.of(TAKING_OVER, ENDED),
            TAKING_OVER, Set.of(STARTING, ENDED),
            STARTING, Set.of(LEADING, ENDED),
            LEADING, Set.of(DRAINING, ENDED),
            DRAINING, Set.of(ENDED)));
  }

  @Test
  void ownsTheShardFromTheLeaseToTheEnd() {
    assertThat(Stream.of(TermState.values()).filter(TermState::owns))
        .containsExactly(TAKING_OVER, STARTING, LEADING, DRAINING);
  }
}
