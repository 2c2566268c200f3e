package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CheckpointTest {
  @Test
  void isBehindOneThatHasSettledMore() {
    assertThat(of("10:10:", null).isBehind(of("10:12:", null))).isTrue();
    assertThat(of("10:12:", null).isBehind(of("10:10:", null))).isFalse();
    assertThat(of("8:12:8", null).isBehind(of("12:12:", null))).isTrue();
  }

  @Test
  void isBehindOneThatIsFurtherInItsWindow() {
    assertThat(of("10:10:", null).isBehind(of("10:10:", 5L))).isTrue();
    assertThat(of("10:10:", 5L).isBehind(of("10:10:", 6L))).isTrue();
    assertThat(of("10:10:", 6L).isBehind(of("10:10:", 6L))).isFalse();
    assertThat(of("10:10:", 6L).isBehind(of("10:10:", null))).isFalse();
  }

  @Test
  void isNotBehindOneThatDoesNotConfirmAllThatItConfirms() {
    assertThat(of("8:12:8", null).isBehind(of("8:14:8", null))).isTrue();
    assertThat(of("9:12:9", null).isBehind(of("8:14:8", null))).isFalse();
  }

  @Test
  void aPositionBehindAnEventLiesInTheOpenWindow() {
    var position = of("10:10:", 5L).at(30);

    assertThat(position).isEqualTo(new Checkpoint("10:10:", 30, 1, 20, open(30)));
    assertThat(position.at(12)).isEqualTo(new Checkpoint("10:10:", 30, 1, 20, open(12)));
    assertThatThrownBy(() -> of("10:10:", null).at(30)).isInstanceOf(NullPointerException.class);
  }

  private static Checkpoint of(String settled, @Nullable Long position) {
    return new Checkpoint(settled, 10, 1, 20, position == null ? null : open(position));
  }

  private static Checkpoint.OpenWindow open(long position) {
    return new Checkpoint.OpenWindow("15:15:", position);
  }
}
