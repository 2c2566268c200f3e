package io.outboxrelay.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.pause.Pause;
import io.outboxrelay.pause.Pauses;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class DestinationGateTest {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final OffsetDateTime SINCE = OffsetDateTime.parse("2026-01-02T03:04:05Z");
  private static final Pauses ORDERS =
      new Pauses(List.of(new Pause("orders*", SINCE, "alice@db-1", "maintenance")));

  private long now;
  private int changes;
  private final DestinationGate gate =
      new DestinationGate(new DestinationBreakers(PATIENCE, new Backoff(PAUSE, PAUSE), () -> now));

  DestinationGateTest() {
    gate.onChange(() -> changes++);
  }

  @Test
  void passesAllIfNothingIsPausedAndNothingFails() {
    assertThat(gate.passesAll()).isTrue();
    assertThat(gate.mustDefer("orders")).isFalse();
    assertThat(gate.filter().passesAll()).isTrue();
  }

  @Test
  void defersEventsOfPausedDestinations() {
    gate.pause(ORDERS);

    assertThat(gate.passesAll()).isFalse();
    assertThat(gate.mustDefer("orders-eu")).isTrue();
    assertThat(gate.mustDefer("payments")).isFalse();
    assertThat(gate.reason("orders-eu"))
        .isEqualTo(
            "the destination is paused by alice@db-1 since 2026-01-02T03:04:05Z (maintenance); to be"
                + " published once it is resumed");
    assertThat(gate.filter().paused()).containsExactly("orders%");
    gate.pause(ORDERS);
    assertThat(changes).as("the same pauses are no change").isOne();
    gate.pause(Pauses.NONE);
    assertThat(gate.mustDefer("orders-eu")).isFalse();
    assertThat(changes).isEqualTo(2);
  }

  @Test
  void defersEventsOfDestinationsWithAnOpenBreaker() {
    open("orders");

    assertThat(gate.mustDefer("orders")).isTrue();
    assertThat(gate.reason("orders"))
        .isEqualTo(
            "the destination accepts nothing at the moment; to be published once it does: full");
    assertThat(gate.filter().open()).containsExactly("orders");
  }

  @Test
  void neverTriesAPausedDestination() {
    open("orders");
    now += PAUSE.toNanos();
    assertThat(gate.filter().halfOpen()).containsExactly("orders");

    gate.pause(ORDERS);

    assertThat(gate.filter().halfOpen()).isEmpty();
    assertThat(gate.filter().open()).containsExactly("orders");
  }

  @Test
  void probesNoPausedDestination() {
    gate.pause(ORDERS);
    gate.breakers().failed("payments", now, "full");
    now += PATIENCE.toNanos();
    gate.breakers().failed("payments", 0, "full");

    gate.tryOthers(List.of("orders"));
    assertThat(gate.breakers().areProbed()).isFalse();
    gate.tryOthers(List.of("orders", "mails"));
    assertThat(gate.breakers().areProbed()).isTrue();
  }

  private void open(String destination) {
    long since = now;
    gate.breakers().failed(destination, since, "full");
    now += PATIENCE.toNanos();
    gate.breakers().confirmed("another");
    gate.breakers().failed(destination, since, "full");
  }
}
