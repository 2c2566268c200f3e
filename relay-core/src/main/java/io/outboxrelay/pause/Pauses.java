package io.outboxrelay.pause;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.DestinationPattern;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The pauses in force at one time. */
public final class Pauses {
  /** No pause. */
  public static final Pauses NONE = new Pauses(List.of());

  private final List<Pause> list;
  private final List<PatternPause> ofSome = new ArrayList<>();

  private record PatternPause(DestinationPattern pattern, Pause pause) {}

  public Pauses(List<Pause> list) {
    this.list = List.copyOf(list);
    for (var pause : list) {
      if (!pause.isOfAll()) {
        ofSome.add(new PatternPause(DestinationPattern.of(pause.destination()), pause));
      }
    }
  }

  /** Completes with the pauses in force, the oldest first. */
  public static Future<Pauses> read(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(
            "select "
                + Pause.COLUMNS
                + " from "
                + names.pause()
                + " order by paused_at, destination")
        .execute()
        .map(
            rows -> {
              var list = new ArrayList<Pause>();
              rows.forEach(row -> list.add(Pause.of(row)));
              return new Pauses(list);
            });
  }

  public List<Pause> list() {
    return list;
  }

  /** Returns the pause of everything; empty if there is none. */
  public Optional<Pause> ofAll() {
    return list.stream().filter(Pause::isOfAll).findAny();
  }

  /** Returns true if single destinations are paused. */
  public boolean areOfSome() {
    return !ofSome.isEmpty();
  }

  /**
   * Returns a pause of some destinations that matches {@code destination}; empty if there is none.
   * A pause of everything is ignored.
   */
  public Optional<Pause> of(String destination) {
    for (var some : ofSome) {
      if (some.pattern.fits(destination)) {
        return Optional.of(some.pause);
      }
    }
    return Optional.empty();
  }

  /** Returns patterns for SQL's {@code like} that match the paused destinations. */
  public List<String> likePatterns() {
    return ofSome.stream().map(some -> some.pattern.like()).toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Pauses pauses && pauses.list.equals(list);
  }

  @Override
  public int hashCode() {
    return list.hashCode();
  }
}
