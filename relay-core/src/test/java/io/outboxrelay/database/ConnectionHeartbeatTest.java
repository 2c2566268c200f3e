package io.outboxrelay.database;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionHeartbeatTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<Promise<Void>> queries = new CopyOnWriteArrayList<>();
  private final List<Throwable> silences = new CopyOnWriteArrayList<>();

  private Future<?> query() {
    Promise<Void> answer = Promise.promise();
    queries.add(answer);
    return answer.future();
  }

  private ConnectionHeartbeat heartbeat(Duration quiet, Duration patience) {
    return new ConnectionHeartbeat(
        vertx, this::query, quiet, patience, silences::add, System::nanoTime);
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(20, SECONDS);
  }

  @Test
  void isNotFeltAndReportsOnceIfTheServerStaysSilent() {
    var heartbeat = heartbeat(Duration.ofMillis(20), Duration.ofMillis(60));
    heartbeat.start();

    await().atMost(Duration.ofSeconds(20)).until(() -> !silences.isEmpty());

    assertThat(heartbeat.isFelt()).isFalse();
    assertThat(queries).as("it asks before it gives up").isNotEmpty();
    assertThat(silences)
        .singleElement()
        .extracting(Throwable::getMessage)
        .asString()
        .contains("60 ms");
  }

  @Test
  void isFeltWithoutAQueryOfItsOwnWhileTheServerIsHeard() {
    var heartbeat = heartbeat(Duration.ofHours(1), Duration.ofHours(2));
    heartbeat.start();
    heartbeat.heard();

    assertThat(heartbeat.isFelt()).isTrue();
    assertThat(queries).isEmpty();
    heartbeat.stop();
  }

  /**
   * The relay must stop publishing before the server ends its session, also if its event loop was
   * blocked.
   */
  @Test
  void isNotFeltAfterThePatienceAlsoBeforeATimerFires() {
    var heartbeat = heartbeat(Duration.ZERO, Duration.ZERO);

    assertThat(heartbeat.isFelt()).isFalse();
  }

  @Test
  void isFeltAgainIfTheServerAnswersTheQuery() {
    var heartbeat = heartbeat(Duration.ofMillis(1), Duration.ofHours(1));
    heartbeat.start();

    await().atMost(Duration.ofSeconds(20)).until(() -> !queries.isEmpty());
    queries.get(0).complete();

    assertThat(heartbeat.isFelt()).isTrue();
    assertThat(silences).isEmpty();
    heartbeat.stop();
  }

  /** If the process was suspended, an old answer can be read before a timer fires. */
  @Test
  void isNotFeltAgainIfAnAnswerIsReadAfterThePatience() {
    var clock = new AtomicLong();
    var heartbeat =
        new ConnectionHeartbeat(
            vertx,
            this::query,
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            silences::add,
            clock::get);

    clock.addAndGet(SECONDS.toNanos(9));
    heartbeat.heard();
    clock.addAndGet(SECONDS.toNanos(9));
    assertThat(heartbeat.isFelt()).isTrue();
    clock.addAndGet(SECONDS.toNanos(1));
    heartbeat.heard();

    assertThat(heartbeat.isFelt()).isFalse();
  }
}
