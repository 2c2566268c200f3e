package io.outboxrelay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class BenchmarkLatenciesTest {
  @Test
  void aMessageThatOvertakesTheWordOfItsCommitTookNoTime() {
    var latencies = new BenchmarkLatencies();
    latencies.start();
    long number = latencies.nextNumber();

    latencies.arrived("{\"n\": " + number + ", \"text\": \"x\"}");
    latencies.committed(number);

    assertThat(latencies.figures().get(BenchmarkLatencies.EVENTS)).hasValue(1);
    assertThat(latencies.figures().get(BenchmarkLatencies.LONGEST).getAsDouble()).isLessThan(1);
  }

  /** The record of a commit and its message arrive at the same moment, many times. */
  @Test
  void neitherWaitsForTheOtherWhereBothComeAtOnce() throws Exception {
    int count = 500_000;
    var latencies = new BenchmarkLatencies();
    latencies.start();
    var turn = new AtomicLong();
    var consumer =
        new Thread(
            () -> {
              for (long number = 1; number <= count; number++) {
                awaitTurn(turn, number);
                latencies.arrived("{\"n\": " + number + "}");
              }
            });
    consumer.start();
    for (long number = 1; number <= count; number++) {
      turn.set(number);
      for (long spin = number % 300; spin > 0; spin--) {
        Thread.onSpinWait();
      }
      latencies.committed(number);
    }
    consumer.join();

    latencies.awaitAll();
    assertThat(latencies.figures().get(BenchmarkLatencies.EVENTS)).hasValue(count);
  }

  private static void awaitTurn(AtomicLong turn, long number) {
    while (turn.get() < number) {
      Thread.onSpinWait();
    }
  }

  @Test
  void onlyWhatIsBetweenStartAndStopCounts() {
    var latencies = new BenchmarkLatencies();
    pass(latencies);
    latencies.start();
    pass(latencies);
    latencies.stop();
    pass(latencies);

    assertThat(latencies.figures().get(BenchmarkLatencies.EVENTS)).hasValue(1);
    assertThat(latencies.arrivals()).isEqualTo(3);
  }

  @Test
  void theLongestTimeWithoutAnArrivalBeganAtTheStartOrWithTheOneBefore() {
    var latencies = new BenchmarkLatencies();
    pass(latencies);
    long earliest = System.nanoTime();
    latencies.start();
    long began = System.nanoTime();
    LockSupport.parkNanos(20_000_000);
    long before = System.nanoTime();
    pass(latencies);
    pass(latencies);
    latencies.stop();
    long after = System.nanoTime();

    assertThat(latencies.figures().get(BenchmarkLatencies.PAUSE).getAsDouble())
        .isBetween((before - began) / 1e6, (after - earliest) / 1e6);
  }

  @Test
  void ofEveryFewEventsOneIsTimed() {
    var latencies = new BenchmarkLatencies(4);
    latencies.start();
    for (int i = 0; i < 40; i++) {
      pass(latencies);
    }

    assertThat(latencies.figures().get(BenchmarkLatencies.EVENTS)).hasValue(10);
    assertThat(latencies.arrivals()).isEqualTo(40);
  }

  @Test
  void aMessageWithoutANumberIsCountedAndNotTimed() {
    var latencies = new BenchmarkLatencies();
    latencies.start();

    latencies.arrived("{\"text\": \"burst\"}");

    assertThat(latencies.arrivals()).isEqualTo(1);
    assertThat(latencies.figures().get(BenchmarkLatencies.EVENTS)).isEmpty();
  }

  @Test
  void whereNoneIsTimedThereIsNoFigure() {
    var latencies = new BenchmarkLatencies(0);
    latencies.start();
    pass(latencies);

    assertThat(latencies.figures().get(BenchmarkLatencies.P50)).isEmpty();
  }

  @Test
  void onceAllHaveArrivedThereIsNothingToAwait() throws Exception {
    var latencies = new BenchmarkLatencies();
    long number = latencies.nextNumber();
    latencies.committed(number);
    var arrival = new Thread(() -> latencies.arrived("{\"n\": " + number + "}"));
    arrival.start();

    latencies.awaitAll();

    arrival.join();
    assertThat(latencies.arrivals()).isEqualTo(1);
  }

  private static void pass(BenchmarkLatencies latencies) {
    long number = latencies.nextNumber();
    latencies.committed(number);
    latencies.arrived("{\"n\": " + number + "}");
  }
}
