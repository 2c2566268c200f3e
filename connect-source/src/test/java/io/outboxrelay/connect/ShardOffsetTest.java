package io.outboxrelay.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.window.Checkpoint;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardOffsetTest {
  private static final ShardOffset OFFSET =
      new ShardOffset(
          new Checkpoint(
              "10:20:10,15", 100, 50, 25, new Checkpoint.OpenWindow("15:30:15", 90), null),
          "history");

  @Test
  void isTheSameAfterConnectHasStoredIt() {
    assertThat(ShardOffset.of(OFFSET.toMap())).isEqualTo(OFFSET);

    var between =
        new ShardOffset(new Checkpoint("10:20:10,15", 100, 50, 25, null, null), "history");
    assertThat(ShardOffset.of(between.toMap())).isEqualTo(between);
  }

  @Test
  void allMistakesAreToldAtOnce() {
    Map<String, Object> nonsense =
        Map.of(
            "history", 7, "settled", "20:10:", "top", "many", "floor", -1, "window", "here", "seq",
            5);

    assertThatThrownBy(() -> ShardOffset.of(nonsense))
        .isInstanceOf(ShardOffset.NonsenseException.class)
        .hasMessage(
            "history is not a text; settled is not a snapshot of PostgreSQL; top is not a whole"
                + " number; floor is negative; fence is missing; window is not a snapshot of"
                + " PostgreSQL; position is missing; seq is unknown");
  }

  @Test
  void positionsThatContradictEachOtherAreRefused() {
    assertThatThrownBy(() -> with("floor", 101L))
        .hasMessageContaining("floor 101 is above top 100");
    assertThatThrownBy(() -> with("position", 101L)).hasMessageContaining("position 101 is not");
    assertThatThrownBy(() -> with("window", "9:30:9"))
        .hasMessageContaining("transactions that are visible in settled are invisible in window");
    for (var snapshot : new String[] {"10:20:10,10", "10:20:25", "10:20:9", "0:1:", "1:2"}) {
      assertThatThrownBy(() -> with("settled", snapshot))
          .hasMessageContaining("settled is not a snapshot of PostgreSQL");
    }
  }

  private static ShardOffset with(String name, Object value) {
    var map = new HashMap<>(OFFSET.toMap());
    map.put(name, value);
    return ShardOffset.of(map);
  }
}
