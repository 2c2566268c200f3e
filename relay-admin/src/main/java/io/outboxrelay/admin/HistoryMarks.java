package io.outboxrelay.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The marks that charts show with the samples: the times at which the relay was started, was
 * paused, or could not publish. At most {@link #KEPT} are kept.
 */
final class HistoryMarks {
  /** The most marks that are kept; a chart cannot show more. */
  static final int KEPT = 200;

  private final Deque<Mark> over = new ArrayDeque<>();
  private final Map<Kind, Mark> open = new EnumMap<>(Kind.class);

  enum Kind {
    START,
    PAUSE,
    OUTAGE
  }

  /**
   * One mark.
   *
   * @param to the end of the state; null while the state lasts
   */
  private record Mark(Kind kind, Instant from, @Nullable Instant to, String sentence) {
    JsonObject toJson() {
      return new JsonObject()
          .put("kind", kind.name().toLowerCase(Locale.ROOT))
          .put("from", from.toString())
          .put("to", to == null ? null : to.toString())
          .put("message", sentence);
    }
  }

  void started(Instant at) {
    end(new Mark(Kind.START, at, at, "this relay was started"));
  }

  /**
   * Records the state at a moment. Begins, continues or ends a mark of this kind accordingly.
   *
   * @param sentence the description of the state; empty if the state does not hold
   */
  void observe(Kind kind, Instant at, Optional<String> sentence) {
    var lasting = open.get(kind);
    if (sentence.isEmpty() && lasting != null) {
      open.remove(kind);
      end(new Mark(kind, lasting.from, at, lasting.sentence));
    } else if (sentence.isPresent() && lasting == null) {
      open.put(kind, new Mark(kind, at, null, sentence.get()));
    }
  }

  private void end(Mark mark) {
    over.add(mark);
    if (over.size() > KEPT) {
      over.remove();
    }
  }

  /** Returns the marks that ended after {@code since} or still last. */
  JsonArray since(Instant since) {
    var told = new JsonArray();
    Stream.concat(over.stream(), open.values().stream())
        .filter(mark -> mark.to == null || mark.to.isAfter(since))
        .forEach(mark -> told.add(mark.toJson()));
    return told;
  }
}
