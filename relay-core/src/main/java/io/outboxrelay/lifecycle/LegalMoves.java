package io.outboxrelay.lifecycle;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The legal moves between the states of an enum. State enums check each move with such a table, so
 * an illegal move fails in one place and with one kind of message.
 */
public final class LegalMoves<S extends Enum<S>> {
  private final String thing;
  private final Map<S, Set<S>> moves;

  /**
   * @param thing the name of the thing that has the states, for example {@code a shard}; the
   *     message of an illegal move begins with it
   * @param moves the legal next states by state; a state without an entry is final
   */
  public LegalMoves(String thing, Map<S, Set<S>> moves) {
    this.thing = thing;
    this.moves = Map.copyOf(moves);
  }

  /** Returns {@code moves} with a move to {@code end} added for every state except {@code end}. */
  public static <S extends Enum<S>> Map<S, Set<S>> andAlwaysTo(S end, Map<S, Set<S>> moves) {
    var all = new EnumMap<S, Set<S>>(end.getDeclaringClass());
    for (var from : EnumSet.complementOf(EnumSet.of(end))) {
      var next = EnumSet.of(end);
      next.addAll(moves.getOrDefault(from, Set.of()));
      all.put(from, next);
    }
    return all;
  }

  /** Returns true if a thing in state {@code from} may change to {@code next}. */
  public boolean allows(S from, S next) {
    return moves.getOrDefault(from, Set.of()).contains(next);
  }

  /**
   * Returns {@code next}.
   *
   * @throws IllegalStateException if the move is not legal
   */
  public S move(S from, S next) {
    if (!allows(from, next)) {
      throw new IllegalStateException(thing + " cannot go from " + from + " to " + next);
    }
    return next;
  }
}
