package io.outboxrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The deployment of several verticles on one event loop. */
class SharedEventLoopTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<String> steps = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void theVerticlesStartInOrderAndStopInReverseOrderOnOneThread() {
    var id =
        vertx
            .deployVerticle(new SharedEventLoop(new Recorded("partition"), new Recorded("shard")))
            .await();
    vertx.undeploy(id).await();

    assertThat(steps)
        .containsExactly("start partition", "start shard", "stop shard", "stop partition");
    assertThat(threads).hasSize(4).allMatch(thread -> thread == threads.get(0));
  }

  @Test
  void aVerticleThatFailsToStopDoesNotKeepTheOthersFromStopping() {
    var failing =
        new Recorded("shard") {
          @Override
          public Future<?> stop() {
            throw new IllegalStateException("it cannot stop");
          }
        };
    var id = vertx.deployVerticle(new SharedEventLoop(new Recorded("partition"), failing)).await();

    vertx.undeploy(id).otherwiseEmpty().await();

    assertThat(steps).endsWith("stop partition");
  }

  @Test
  void aVerticleDoesNotStartBehindOneThatFailed() {
    var failing =
        new Recorded("partition") {
          @Override
          public Future<?> start() {
            return Future.failedFuture("it cannot start");
          }
        };

    var started = vertx.deployVerticle(new SharedEventLoop(failing, new Recorded("shard")));

    assertThat(started.transform(over -> Future.succeededFuture(over.failed())).await()).isTrue();
    assertThat(steps).isEmpty();
  }

  private class Recorded extends VerticleBase {
    private final String name;

    Recorded(String name) {
      this.name = name;
    }

    @Override
    public Future<?> start() {
      return note("start ");
    }

    @Override
    public Future<?> stop() {
      return note("stop ");
    }

    private Future<Void> note(String step) {
      steps.add(step + name);
      threads.add(Thread.currentThread());
      return Future.succeededFuture();
    }
  }
}
