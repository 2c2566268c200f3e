package io.outboxrelay.connect;

import io.outboxrelay.window.Checkpoint;
import io.outboxrelay.window.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint as Connect stores it.
 *
 * @param history the history of the database at the time of the checkpoint, see {@link
 *     io.outboxrelay.window.DatabaseHistory}
 */
record ShardOffset(Checkpoint checkpoint, String history) {
  private static final String HISTORY = "history";
  private static final String SETTLED = "settled";
  private static final String TOP = "top";
  private static final String FLOOR = "floor";
  private static final String FENCE = "fence";
  private static final String WINDOW = "window";
  private static final String POSITION = "position";

  /** Thrown for an offset that no task can have written. The message names all mistakes. */
  static final class NonsenseException extends RuntimeException {
    NonsenseException(List<String> mistakes) {
      super(String.join("; ", mistakes), null, false, false);
    }
  }

  Map<String, Object> toMap() {
    var map = new HashMap<String, Object>(16);
    map.put(HISTORY, history);
    map.put(SETTLED, checkpoint.settled());
    map.put(TOP, checkpoint.top());
    map.put(FLOOR, checkpoint.floor());
    map.put(FENCE, checkpoint.fence());
    var open = checkpoint.open();
    if (open != null) {
      map.put(WINDOW, open.snapshot());
      map.put(POSITION, open.position());
    }
    return map;
  }

  /**
   * Returns the offset that Connect has stored.
   *
   * @throws NonsenseException with all mistakes if the map is not an offset of a shard
   */
  static ShardOffset of(Map<String, ?> map) {
    return new Parser(map).parse();
  }

  /** Collects the mistakes of one offset. */
  private static final class Parser {
    private final Map<String, Object> rest;
    private final List<String> mistakes = new ArrayList<>();

    Parser(Map<String, ?> map) {
      this.rest = new HashMap<>(map);
    }

    ShardOffset parse() {
      var history = text(HISTORY);
      var settled = snapshot(SETTLED);
      long top = number(TOP);
      long floor = number(FLOOR);
      long fence = number(FENCE);
      if (floor > top) {
        mistakes.add("floor " + floor + " is above top " + top);
      }
      var parsed = new Checkpoint(settled, top, floor, fence, window(settled, top, floor), null);
      rest.keySet().stream().sorted().forEach(name -> mistakes.add(name + " is unknown"));
      if (!mistakes.isEmpty()) {
        throw new NonsenseException(mistakes);
      }
      return new ShardOffset(parsed, history);
    }

    private Checkpoint.@Nullable OpenWindow window(String settled, long top, long floor) {
      if (!rest.containsKey(WINDOW) && !rest.containsKey(POSITION)) {
        return null;
      }
      var window = snapshot(WINDOW);
      long position = number(POSITION);
      if (position > top || position < floor) {
        mistakes.add("position " + position + " is not between floor and top");
      }
      if (!Snapshot.parse(window).covers(Snapshot.parse(settled))) {
        mistakes.add("transactions that are visible in settled are invisible in window");
      }
      return new Checkpoint.OpenWindow(window, position);
    }

    private String text(String name) {
      var value = rest.remove(name);
      if (value instanceof String text) {
        return text;
      }
      mistakes.add(name + (value == null ? " is missing" : " is not a text"));
      return "";
    }

    private long number(String name) {
      var value = rest.remove(name);
      if (value instanceof Long || value instanceof Integer) {
        return nonNegative(name, ((Number) value).longValue());
      }
      mistakes.add(name + (value == null ? " is missing" : " is not a whole number"));
      return 0;
    }

    private long nonNegative(String name, long number) {
      if (number < 0) {
        mistakes.add(name + " is negative");
      }
      return number;
    }

    private String snapshot(String name) {
      int before = mistakes.size();
      var text = text(name);
      if (mistakes.size() > before) {
        return Snapshot.NOTHING.toString();
      }
      if (!isSnapshot(text)) {
        mistakes.add(name + " is not a snapshot of PostgreSQL");
        return Snapshot.NOTHING.toString();
      }
      return text;
    }

    private static boolean isSnapshot(String text) {
      if (!text.matches("\\d{1,19}:\\d{1,19}:(\\d{1,19}(,\\d{1,19})*)?")) {
        return false;
      }
      try {
        var parsed = Snapshot.parse(text);
        long before = parsed.xmin() - 1;
        for (long running : parsed.running()) {
          if (running <= before || running >= parsed.xmax()) {
            return false;
          }
          before = running;
        }
        return parsed.xmin() >= 1 && parsed.xmin() <= parsed.xmax();
      } catch (NumberFormatException e) {
        return false;
      }
    }
  }
}
