package io.outboxrelay.connect;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * A Vert.x instance with one event loop, for one connector or task. Connect calls the connector and
 * its tasks on threads of its own, which may block.
 */
final class TaskVertx implements AutoCloseable {
  private static final long CLOSES_WITHIN_SECONDS = 5;

  private final Vertx vertx;
  private final Context loop;

  TaskVertx() {
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    loop = vertx.getOrCreateContext();
  }

  Vertx vertx() {
    return vertx;
  }

  /**
   * Starts {@code work} on the event loop. Returns a future that other threads can wait for. If
   * {@code work} throws, the future fails with that exception.
   */
  <T> CompletableFuture<T> start(Supplier<Future<T>> work) {
    Promise<T> result = Promise.promise();
    loop.runOnContext(
        on -> Future.succeededFuture().compose(begun -> work.get()).onComplete(result));
    return result.future().toCompletionStage().toCompletableFuture();
  }

  /**
   * Runs {@code work} on the event loop and waits for its result.
   *
   * @throws ConnectException if {@code work} fails or does not end within {@code limit}
   */
  <T> T call(Supplier<Future<T>> work, Duration limit) {
    try {
      return start(work).get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      var failure = Objects.requireNonNullElse(e.getCause(), e);
      throw failure instanceof ConnectException known
          ? known
          : new ConnectException(String.valueOf(failure.getMessage()), failure);
    } catch (TimeoutException e) {
      throw new ConnectException(
          "the database has not answered within " + limit.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ConnectException("interrupted while waiting for the database", e);
    }
  }

  /** Ends all threads; waits a few seconds at most. */
  @Override
  public void close() {
    try {
      vertx
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .get(CLOSES_WITHIN_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new ConnectException("the event loop did not end", e);
    }
  }
}
