package io.outboxrelay.pause;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PauseWatcherTest {
  private static final Pauses ALL = pauses(Pause.ALL);
  private static final Pauses ONE = pauses("orders");

  private final Vertx vertx = Vertx.vertx();
  private final List<Promise<Pauses>> reads = new CopyOnWriteArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final List<Pauses> changes = new CopyOnWriteArrayList<>();
  private final AtomicInteger calls = new AtomicInteger();

  private final PauseWatcher.Source source =
      new PauseWatcher.Source() {
        @Override
        public Future<Pauses> pauses() {
          Promise<Pauses> read = Promise.promise();
          reads.add(read);
          return read.future();
        }

        @Override
        public Future<Boolean> areOwnersCalled() {
          asked.incrementAndGet();
          return Future.succeededFuture(true);
        }
      };

  private final PauseWatcher.Listener listener =
      new PauseWatcher.Listener() {
        @Override
        public void changed(Pauses now) {
          changes.add(now);
        }

        @Override
        public void called() {
          calls.incrementAndGet();
        }
      };

  private final PauseWatcher watcher =
      new PauseWatcher(vertx, source, Duration.ofMillis(1), listener);

  private static Pauses pauses(String destination) {
    return new Pauses(List.of(new Pause(destination, OffsetDateTime.MIN, "alice", null)));
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(20, SECONDS);
  }

  @Test
  void keepsThePauseIfItCannotBeReadAndTriesAgain() {
    watcher.passOn(ALL);
    watcher.start();
    awaitReads(1);

    reads.get(0).fail("the server is down");
    awaitReads(2);

    assertThat(watcher.isOn()).isTrue();
    assertThat(changes).containsExactly(ALL);
  }

  @Test
  void reportsAChangeOnceAndBeforeTheNextRead() {
    watcher.start();
    awaitReads(1);
    reads.get(0).complete(ONE);
    assertThat(changes).containsExactly(ONE);
    assertThat(watcher.isSet()).isTrue();
    assertThat(watcher.isOn()).isFalse();

    awaitReads(2);
    reads.get(1).complete(pauses("orders"));
    assertThat(changes).hasSize(1);

    awaitReads(3);
    reads.get(2).complete(Pauses.NONE);
    assertThat(changes).containsExactly(ONE, Pauses.NONE);
    assertThat(watcher.isSet()).isFalse();
  }

  @Test
  void looksForACallOfTheOwnersOnlyWhileAllIsPaused() {
    watcher.start();
    awaitReads(1);
    reads.get(0).complete(ALL);
    assertThat(asked).hasValue(0);

    awaitReads(2);
    reads.get(1).complete(ALL);
    assertThat(calls).hasValue(1);
  }

  @Test
  void readsAgainForANotificationDuringARead() {
    watcher.look();
    watcher.look();
    assertThat(reads).hasSize(1);

    reads.get(0).complete(Pauses.NONE);
    awaitReads(2);
  }

  @Test
  void changesNothingOnceItIsStopped() {
    watcher.start();
    awaitReads(1);
    watcher.stop();

    reads.get(0).complete(ALL);
    watcher.look();

    assertThat(changes).isEmpty();
    assertThat(reads).hasSize(1);
  }

  private void awaitReads(int number) {
    await().atMost(Duration.ofSeconds(20)).until(() -> reads.size() == number);
  }
}
