package io.outboxrelay.lifecycle;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.lifecycle.NotifiedPoller.State;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NotifiedPollerTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<Promise<Duration>> looks = new CopyOnWriteArrayList<>();
  private final NotifiedPoller poller =
      new NotifiedPoller(vertx, this::look, failure -> Duration.ofMillis(1));

  private Future<Duration> look() {
    Promise<Duration> look = Promise.promise();
    looks.add(look);
    return look.future();
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(20, SECONDS);
  }

  @Test
  void looksOnceMoreForAnyNumberOfNotificationsDuringALook() {
    poller.look();
    poller.look();
    poller.look();
    assertThat(looks).hasSize(1);

    looks.get(0).complete(NotifiedPoller.WHEN_NOTIFIED);
    awaitLooks(2);

    looks.get(1).complete(NotifiedPoller.WHEN_NOTIFIED);
    poller.look();
    assertThat(looks).hasSize(3);
  }

  @Test
  void looksAgainAfterThePauseAndAfterAFailure() {
    poller.look();
    looks.get(0).complete(Duration.ofMillis(1));
    awaitLooks(2);

    looks.get(1).fail("as scripted");
    awaitLooks(3);
  }

  @Test
  void looksNoMoreOnceItIsStopped() {
    poller.look();
    poller.stop();
    looks.get(0).complete(Duration.ZERO);
    poller.look();
    poller.lookAfter(Duration.ZERO);

    assertThat(looks).hasSize(1);
  }

  @Test
  void movesAsDrawnAndInNoOtherWay() {
    MoveTable.assertMoves(
        State.class,
        State::to,
        Map.of(
            State.WAITING, Set.of(State.LOOKING, State.STOPPED),
            State.LOOKING, Set.of(State.NOTIFIED, State.WAITING, State.STOPPED),
            State.NOTIFIED, Set.of(State.WAITING, State.STOPPED)));
  }

  private void awaitLooks(int number) {
    await().atMost(Duration.ofSeconds(20)).until(() -> looks.size() == number);
  }
}
