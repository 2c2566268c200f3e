package io.outboxrelay.kafka;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids and numbers have the bytes of their texts. */
class AsciiBytesTest {
  private final Random random = new Random(42);

  @Test
  void anIdHasTheBytesOfItsText() {
    assertThat(AsciiBytes.of(new UUID(0, 0)))
        .isEqualTo("00000000-0000-0000-0000-000000000000".getBytes(US_ASCII));
    for (int i = 0; i < 10_000; i++) {
      var id = new UUID(random.nextLong(), random.nextLong());
      assertThat(AsciiBytes.of(id)).isEqualTo(id.toString().getBytes(US_ASCII));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 9, 10, 99, 100, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void aNumberHasTheBytesOfItsText(long number) {
    assertThat(AsciiBytes.of(number)).isEqualTo(Long.toString(number).getBytes(US_ASCII));
  }

  @Test
  void numbersOfAnyLengthHaveTheBytesOfTheirText() {
    for (int i = 0; i < 10_000; i++) {
      long number = random.nextLong() >>> random.nextInt(64);
      assertThat(AsciiBytes.of(number)).isEqualTo(Long.toString(number).getBytes(US_ASCII));
    }
  }
}
