package io.outboxrelay.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.breaker.DestinationBreakers;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockedBacklogProbeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong now = new AtomicLong();
  private final DestinationBreakers breakers =
      new DestinationBreakers(
          PATIENCE, new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1)), now::get);
  private final List<Long> samples = new CopyOnWriteArrayList<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final Promise<List<OutboxEvent>> backlog = Promise.promise();
  private volatile boolean full = true;

  private final BlockedBacklogProbe.ReadState readAhead =
      new BlockedBacklogProbe.ReadState() {
        @Override
        public boolean isFull() {
          looks.incrementAndGet();
          return full;
        }

        @Override
        public long lastRead() {
          return 41;
        }
      };

  private final BlockedBacklogProbe probe =
      new BlockedBacklogProbe(
          vertx,
          readAhead,
          new DestinationGate(breakers),
          OutboxEvent::aggregateType,
          this::sample,
          Duration.ofMillis(1));

  private Future<List<OutboxEvent>> sample(long after) {
    samples.add(after);
    return backlog.future();
  }

  private static OutboxEvent eventFor(String destination) {
    return OutboxEvent.builder(42, new UUID(0, 42))
        .aggregate(destination, "7")
        .type("placed")
        .payload(null, "text/plain")
        .build();
  }

  /** Everything in the read-ahead goes to a destination that has failed for long. */
  private void standStill() {
    breakers.handedOver("failing");
    breakers.failed("failing", now.get(), "it is down");
    now.addAndGet(PATIENCE.multipliedBy(2).toNanos());
    breakers.failed("failing", 0, "it is down");
    assertThat(breakers.standStill()).isTrue();
  }

  @AfterEach
  void close() throws Exception {
    probe.stop();
    vertx.close().await(20, SECONDS);
  }

  @Test
  void opensTheFailingBreakerIfOtherDestinationsWaitBehind() {
    standStill();
    probe.start();
    awaitSample();
    assertThat(breakers.isOpen("failing")).isFalse();

    backlog.complete(List.of(eventFor("healthy")));

    await().atMost(Duration.ofSeconds(20)).until(() -> breakers.isOpen("failing"));
    assertThat(samples).allMatch(after -> after == 41);
  }

  @Test
  void samplesNothingWhileTheReadAheadHasRoom() {
    standStill();
    full = false;
    probe.start();

    awaitLooks(5);
    assertThat(samples).isEmpty();
  }

  @Test
  void samplesNothingWhileEventsAreConfirmed() {
    probe.start();

    awaitLooks(5);
    assertThat(samples).isEmpty();
  }

  @Test
  void samplesOnlyOnceAtATimeAndOpensNothingOnceItIsStopped() {
    standStill();
    probe.start();
    awaitSample();

    probe.stop();
    backlog.complete(List.of(eventFor("healthy")));

    assertThat(samples).hasSize(1);
    assertThat(breakers.isOpen("failing")).isFalse();
  }

  private void awaitSample() {
    await().atMost(Duration.ofSeconds(20)).until(() -> !samples.isEmpty());
  }

  private void awaitLooks(int number) {
    await().atMost(Duration.ofSeconds(20)).until(() -> looks.get() >= number);
  }
}
