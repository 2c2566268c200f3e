package io.outboxrelay.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;

/** Compares all moves of a state enum, legal and illegal, with the table that a test gives. */
public final class MoveTable {
  private MoveTable() {}

  public static <S extends Enum<S>> void assertMoves(
      Class<S> states, BinaryOperator<S> move, Map<S, Set<S>> legal) {
    for (var from : states.getEnumConstants()) {
      for (var to : states.getEnumConstants()) {
        if (legal.getOrDefault(from, Set.of()).contains(to)) {
          assertThat(move.apply(from, to)).isEqualTo(to);
        } else {
          assertThatThrownBy(() -> move.apply(from, to))
              .as("%s to %s", from, to)
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("cannot go from " + from + " to " + to);
        }
      }
    }
  }
}
