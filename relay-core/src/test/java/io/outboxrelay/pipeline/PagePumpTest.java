package io.outboxrelay.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.lifecycle.ServiceStoppedException;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.page.PageSource;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Positions are the sequence numbers of the last events of the pages. */
class PagePumpTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Source source = new Source();
  private final Publisher publisher = new Publisher();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private PagePump<Long> pump;

  private static final class Source implements PageSource<Long> {
    final List<Long> stored = new CopyOnWriteArrayList<>();
    final List<Long> durable = new CopyOnWriteArrayList<>();
    private long seq;

    @Override
    public Future<EventPage<Long>> next() {
      seq++;
      return Future.succeededFuture(new EventPage<>(List.of(event(seq)), Map.of(), 10, seq));
    }

    @Override
    public Future<Void> confirm(Long position) {
      stored.add(position);
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> confirmDurably(Long position) {
      durable.add(position);
      return Future.succeededFuture();
    }
  }

  private static final class Publisher implements PagePublisher {
    final Queue<Promise<Void>> published = new ArrayDeque<>();
    int pages;
    boolean isInVain;

    @Override
    public Future<Void> publish(EventPage<?> page) {
      Promise<Void> promise = Promise.promise();
      published.add(promise);
      pages++;
      return promise.future();
    }

    @Override
    public boolean isInVain() {
      return isInVain;
    }
  }

  private static OutboxEvent event(long seq) {
    return OutboxEvent.builder(seq, new UUID(0, seq))
        .aggregate("order", "7")
        .type("placed")
        .payload(null, "text/plain")
        .build();
  }

  @BeforeEach
  void create() throws Exception {
    var limits = new PagePump.Limits(3, 1000, Duration.ofMillis(1), LONG);
    pump =
        onLoop(
            () ->
                new PagePump<>(
                    vertx,
                    source,
                    publisher,
                    limits,
                    new PumpRecorder(new ShardHealth(), RelayMetrics.alone().shard(0)),
                    failures::add));
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(20, SECONDS);
  }

  @Test
  void readsAheadOnlyWhileThereIsRoom() throws Exception {
    run(pump::start);
    assertThat(publisher.pages).isEqualTo(3);
    assertThat(pump.isFull()).isTrue();

    confirmOldest();
    await().until(() -> onLoop(() -> publisher.pages) == 4);
  }

  @Test
  void advancesTheCheckpointInTheOrderOfReading() throws Exception {
    run(pump::start);
    var oldest = onLoop(() -> publisher.published.remove());

    confirmOldest();
    assertThat(onLoop(() -> pump.confirmed())).as("the oldest page is not confirmed").isNull();

    run(oldest::tryComplete);
    await().until(() -> source.stored.contains(2L));
    assertThat(source.stored).isSorted();
  }

  @Test
  void drainsUntilAllIsConfirmedAndStoresExactlyThat() throws Exception {
    run(pump::start);
    var drained = onLoop(() -> pump.drain(LONG));
    confirmOldest();
    confirmOldest();
    assertThat(drained.isComplete()).isFalse();

    confirmOldest();

    drained.await(20, SECONDS);
    assertThat(source.durable).containsExactly(3L);
    assertThat(pump.unconfirmed()).isZero();
    assertThat(publisher.pages).as("reads no more").isEqualTo(3);
  }

  @Test
  void givesUpADrainInVainAndStoresWhatWasConfirmed() throws Exception {
    run(pump::start);
    run(pump::pause);
    confirmOldest();
    await().until(() -> onLoop(() -> pump.confirmed()) != null);
    publisher.isInVain = true;

    onLoop(() -> pump.drain(LONG)).await(20, SECONDS);

    assertThat(source.durable).containsExactly(1L);
    assertThat(pump.unconfirmed()).isEqualTo(2);
  }

  @Test
  void writesNoCheckpointOnceItIsStopped() throws Exception {
    run(pump::start);
    var drained = onLoop(() -> pump.drain(LONG));
    run(pump::stop);
    confirmOldest();
    confirmOldest();
    confirmOldest();
    run(() -> {});

    assertThat(drained.cause()).isInstanceOf(ServiceStoppedException.class);
    // A checkpoint would be due one millisecond after the confirm.
    vertx.timer(50, java.util.concurrent.TimeUnit.MILLISECONDS).await(20, SECONDS);
    assertThat(source.stored).isEmpty();
    assertThat(source.durable).isEmpty();
  }

  @Test
  void publishesNothingWhileItIsPausedAlsoIfItWasPausedBeforeTheStart() throws Exception {
    run(pump::pause);
    run(pump::start);
    assertThat(publisher.pages).isZero();

    run(pump::resume);
    assertThat(publisher.pages).isEqualTo(3);
  }

  private void confirmOldest() throws Exception {
    run(() -> publisher.published.remove().tryComplete());
  }

  private <T> T onLoop(Callable<T> action) throws Exception {
    Promise<T> result = Promise.promise();
    loop.runOnContext(
        on -> {
          try {
            result.complete(action.call());
          } catch (Exception failure) {
            result.fail(failure);
          }
        });
    return result.future().await(20, SECONDS);
  }

  private void run(Runnable action) throws Exception {
    onLoop(
        () -> {
          action.run();
          return true;
        });
  }
}
