package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnseenNumbersTest {
  @Test
  void numbersInARowLeaveNoRange() {
    var unseen = new UnseenNumbers(0, 0, 0, 10);
    for (int number = 1; number <= 1_000; number++) {
      unseen.saw(number);
    }

    assertThat(unseen.size()).isZero();
    assertThat(unseen.top()).isEqualTo(1_000);
    assertThat(unseen.nextAbove(0)).isNull();
  }

  @Test
  void aNumberThatIsLeftOutIsUnseenUntilItComes() {
    var unseen = saw(new UnseenNumbers(0, 0, 0, 10), 1, 2, 5, 6);
    assertThat(unseen.nextAbove(0)).isEqualTo(new UnseenNumbers.Range(3, 4));
    assertThat(unseen.nextAbove(3)).isEqualTo(new UnseenNumbers.Range(4, 4));
    assertThat(unseen.nextAbove(4)).isNull();

    saw(unseen, 3, 4);

    assertThat(unseen.nextAbove(0)).isNull();
  }

  @Test
  void allIsUnseenAfterARestart() {
    var unseen = saw(new UnseenNumbers(100, 200, 0, 10), 150, 201);

    assertThat(unseen.nextAbove(0)).isEqualTo(new UnseenNumbers.Range(101, 149));
    assertThat(unseen.nextAbove(149)).isEqualTo(new UnseenNumbers.Range(151, 200));
  }

  @Test
  void rangesWithLittleBetweenThemAreOne() {
    var unseen = new UnseenNumbers(0, 0, 3, 10);
    saw(unseen, 2, 3, 5, 6, 7, 8, 9, 11);

    assertThat(unseen.nextAbove(0)).isEqualTo(new UnseenNumbers.Range(1, 4));
    assertThat(unseen.nextAbove(4)).isEqualTo(new UnseenNumbers.Range(10, 10));
  }

  @Test
  void nothingIsKeptBelowTheFloor() {
    var unseen = saw(new UnseenNumbers(0, 0, 0, 10), 3, 6);
    unseen.prune(2);

    assertThat(unseen.nextAbove(0)).isEqualTo(new UnseenNumbers.Range(4, 5));
    assertThat(unseen.size()).isEqualTo(1);
  }

  @Test
  void numbersThatMustComeAgainAreUnseen() {
    var unseen = saw(new UnseenNumbers(0, 0, 0, 10), 1, 2, 5, 6, 7, 8, 11, 12);
    unseen.forget(5, 8);

    assertThat(unseen.nextAbove(0)).isEqualTo(new UnseenNumbers.Range(3, 4));
    assertThat(unseen.nextAbove(4)).isEqualTo(new UnseenNumbers.Range(6, 10));
    assertThat(unseen.nextAbove(10)).isNull();

    unseen.forget(1, 20);

    assertThat(unseen.nextAbove(0)).isEqualTo(new UnseenNumbers.Range(2, 12));
    assertThat(unseen.size()).isEqualTo(1);
    assertThat(unseen.top()).isEqualTo(12);
  }

  /** However ranges are joined, an unseen number is always in one of them. */
  @Test
  void anUnseenNumberIsNeverLeftOutAndMemoryIsBounded() {
    for (int seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      var seen = new BitSet();
      int most = 4 + random.nextInt(20);
      int floor = random.nextInt(20);
      int top = floor + random.nextInt(20);
      var unseen = new UnseenNumbers(floor, top, random.nextInt(4), most);
      for (int step = 0; step < 300; step++) {
        int number =
            random.nextInt(3) > 0
                ? (int) unseen.top() + 1 + random.nextInt(3)
                : 1 + random.nextInt((int) unseen.top() + 1);
        if (number > floor) {
          seen.set(number);
          unseen.saw(number);
        }
        if (random.nextInt(20) == 0) {
          unseen.joinToBound();
          assertThat(unseen.size()).isLessThanOrEqualTo(most);
        }
        if (random.nextInt(40) == 0) {
          int last = floor + random.nextInt(30);
          seen.clear(floor + 1, last + 1);
          unseen.forget(floor, last);
        }
        if (random.nextInt(30) == 0) {
          floor = Math.min((int) unseen.top(), floor + random.nextInt(10));
          unseen.prune(floor);
        }
      }
      var covered = new BitSet();
      long position = floor;
      for (var range = unseen.nextAbove(position);
          range != null;
          range = unseen.nextAbove(position)) {
        assertThat(range.first()).isGreaterThan(position);
        covered.set((int) range.first(), (int) range.last() + 1);
        position = range.last();
      }
      for (int number = floor + 1; number <= unseen.top(); number++) {
        assertThat(seen.get(number) || covered.get(number))
            .as("number %s is seen or in a range, seed %s", number, seed)
            .isTrue();
      }
    }
  }

  private static UnseenNumbers saw(UnseenNumbers unseen, long... numbers) {
    for (long number : numbers) {
      unseen.saw(number);
    }
    return unseen;
  }
}
