package io.outboxrelay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PacedWritersTest {
  /** Counts its transactions; fails at the one with this number. */
  private static final class CountingWriter implements PacedWriters.Writer {
    final AtomicInteger written = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final int failsAt;

    CountingWriter(int failsAt) {
      this.failsAt = failsAt;
    }

    @Override
    public void write() throws SQLException {
      if (written.incrementAndGet() == failsAt) {
        throw new SQLException("the disk is full");
      }
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  private final CountingWriter one = new CountingWriter(-1);
  private final CountingWriter other = new CountingWriter(-1);

  @Test
  void noMoreIsWrittenThanTheRateAllows() {
    long start = System.nanoTime();
    var writers = PacedWriters.start(200, List.of(one, other));
    await().until(() -> one.written.get() + other.written.get() >= 20);

    long transactions = writers.stop();

    double seconds = (System.nanoTime() - start) / 1e9;
    assertThat(transactions).isEqualTo(one.written.get() + other.written.get());
    assertThat((double) transactions).isLessThanOrEqualTo(200 * seconds + 1);
    assertThat(one.closed.get() + other.closed.get()).isEqualTo(2);
  }

  @Test
  void withoutARateEachWritesAllTheTime() {
    var writers = PacedWriters.start(0, List.of(one, other));
    await().until(() -> one.written.get() > 1_000 && other.written.get() > 1_000);

    long transactions = writers.stop();

    assertThat(writers.stop()).as("a second call").isEqualTo(transactions);
  }

  @Test
  void aWriterThatFailsIsToldAndTheOthersGoOn() {
    var failing = new CountingWriter(3);
    var writers = PacedWriters.start(0, List.of(failing, other));
    await().until(writers::failed);
    int before = other.written.get();
    await().until(() -> other.written.get() > before);

    assertThatThrownBy(writers::stop)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the disk is full");
    assertThat(failing.closed).hasValue(1);
  }
}
