package io.outboxrelay.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The verifier reports each kind of broken promise. */
class DeliveryVerifierTest {
  private final DeliveryVerifier ledger = new DeliveryVerifier();

  @BeforeEach
  void threeEventsAreCommitted() {
    committed(1, 2, 3);
  }

  @Test
  void eventsThatArrivedOnceAndInOrderAreProved() {
    arrived(1, 2, 3);

    assertThat(ledger.atTheEnd().prove()).isTrue();
    assertThat(ledger.atTheEnd().sentence(4))
        .startsWith("3 events committed in 1 transactions from 4 connections")
        .contains("3 delivered, 0 lost, 0 out of order, 0 repeated");
  }

  @Test
  void anEventThatArrivedBeforeItsCommitReturnedCountsAsWell() {
    arrived(1, 2, 3, 4);
    committed(4);

    assertThat(ledger.atTheEnd().prove()).isTrue();
  }

  @Test
  void nothingIsProvedByNothing() {
    assertThat(new DeliveryVerifier().atTheEnd().prove()).isFalse();
  }

  @Test
  void anEventThatNeverArrivesIsLost() {
    arrived(1, 2);

    assertThat(ledger.soFar().arrivals().lost()).isZero();
    assertThat(ledger.soFar().waiting()).isEqualTo(1);
    assertThat(ledger.atTheEnd().arrivals().lost()).isEqualTo(1);
    assertThat(ledger.atTheEnd().prove()).isFalse();
  }

  @Test
  void anEventThatWasSkippedIsSeenAsLostAtOnce() {
    arrived(1, 3);

    assertThat(ledger.soFar().arrivals().lost()).isEqualTo(1);
  }

  @Test
  void anEventThatArrivesBehindALaterOneIsOutOfOrderAndNotLost() {
    arrived(1, 3, 2);

    assertThat(ledger.atTheEnd().arrivals().outOfOrder()).isEqualTo(1);
    assertThat(ledger.atTheEnd().arrivals().lost()).isZero();
    assertThat(ledger.atTheEnd().prove()).isFalse();
  }

  @Test
  void ordersAreNotComparedWithEachOther() {
    ledger.committed(List.of(new OrderEvent("order-2", 1)), System.nanoTime());
    arrived(1, 2, 3);
    ledger.arrived(new OrderEvent("order-2", 1), System.nanoTime());

    assertThat(ledger.atTheEnd().prove()).isTrue();
  }

  @Test
  void aRepeatIsSeen() {
    arrived(1, 2, 2, 3);

    assertThat(ledger.atTheEnd().arrivals().repeated()).isEqualTo(1);
    assertThat(ledger.atTheEnd().arrivals().delivered()).isEqualTo(3);
    assertThat(ledger.atTheEnd().prove()).isFalse();
  }

  @Test
  void anEventThatWasNeverCommittedProvesTheContrary() {
    arrived(1, 2, 3, 4);

    assertThat(ledger.atTheEnd().prove()).isFalse();
  }

  @Test
  void waitingForAllEndsWithTheLastArrival() throws Exception {
    arrived(1, 2);
    assertThat(ledger.awaitAll(Duration.ofMillis(1))).isFalse();

    var last = CompletableFuture.runAsync(() -> arrived(3));

    assertThat(ledger.awaitAll(Duration.ofMinutes(1))).isTrue();
    last.join();
  }

  private void committed(int... versions) {
    ledger.committed(events(versions), System.nanoTime());
  }

  private void arrived(int... versions) {
    events(versions).forEach(event -> ledger.arrived(event, System.nanoTime()));
  }

  private static List<OrderEvent> events(int... versions) {
    return IntStream.of(versions).mapToObj(version -> new OrderEvent("order-1", version)).toList();
  }
}
