package io.outboxrelay.connect;

import io.outboxrelay.connect.ShardSession.ReadPage;
import io.outboxrelay.failure.FailureClassifier;
import io.outboxrelay.failure.LogOnce;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Yields the pages of a shard, and continues after a lost connection.
 *
 * <p>After a lost connection, the reader waits until Kafka has confirmed all events that were
 * handed out. Then it opens a new session. The session begins at the position after these events,
 * and moves the checkpoint in the database there.
 *
 * <p>Used on the task's thread.
 */
final class ShardReader {
  private static final Logger LOG = LoggerFactory.getLogger(ShardReader.class);
  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);
  private static final Duration CLOSES_WITHIN = Duration.ofSeconds(8);

  private final TaskVertx vertx;
  private final ShardSite site;
  private final LogOnce outage = new LogOnce(LOG::warn);
  private Optional<ShardOffset> position;
  private boolean hasWorked;
  private @Nullable ShardSession session;
  private @Nullable CompletableFuture<ShardSession> opening;
  private @Nullable CompletableFuture<ReadPage> reading;

  /**
   * The session that was opened last. The event loop writes this field, and other threads read it.
   */
  private volatile @Nullable ShardSession newest;

  /** A page, and the counter of the confirms of its events. */
  record Read(ReadPage page, PageConfirms confirms, PageConfirms.Pending pending) {}

  /**
   * @param offset the offset that Connect has stored; empty if there is none
   */
  ShardReader(TaskVertx vertx, ShardSite site, Optional<ShardOffset> offset) {
    this.vertx = vertx;
    this.site = site;
    this.position = offset;
  }

  /**
   * Returns the next page with events; empty if none was read within {@code wait}. Then begins to
   * read the page after it.
   *
   * @throws ConnectException after a failure that a new session cannot mend
   */
  Optional<Read> next(Duration wait) throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    while (true) {
      var open = opened(deadline);
      if (open.isEmpty()) {
        return Optional.empty();
      }
      var page = page(open.get(), deadline);
      if (page.isEmpty()) {
        return Optional.empty();
      }
      var confirms = open.get().confirms();
      var pending = confirms.add(page.get().page());
      position = Optional.of(page.get().end());
      if (!page.get().page().isEmpty()) {
        return Optional.of(new Read(page.get(), confirms, pending));
      }
    }
  }

  private Optional<ShardSession> opened(long deadline) throws InterruptedException {
    if (session != null) {
      return Optional.of(session);
    }
    if (opening == null) {
      opening = vertx.start(this::open);
    }
    var open = await(opening, deadline);
    if (open.isPresent()) {
      session = open.get();
      opening = null;
      hasWorked = true;
      outage.over();
    }
    return open;
  }

  private Future<ShardSession> open() {
    var next = new ShardSession(site);
    newest = next;
    return next.open(position);
  }

  private Optional<ReadPage> page(ShardSession open, long deadline) throws InterruptedException {
    if (reading == null) {
      reading = vertx.start(open::next);
    }
    var page = await(reading, deadline);
    if (page.isPresent()) {
      reading = vertx.start(open::next);
    }
    return page;
  }

  /**
   * Waits for a result and returns it. The return value is empty if the deadline has passed, or if
   * the session has failed so that a new session is needed.
   */
  private <T> Optional<T> await(CompletableFuture<T> result, long deadline)
      throws InterruptedException {
    try {
      return Optional.of(
          result.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      lost(Objects.requireNonNullElse(e.getCause(), e));
      return Optional.empty();
    }
  }

  private void lost(Throwable failure) {
    if (failure instanceof ConnectException lasting) {
      throw lasting;
    }
    var classifier = new FailureClassifier(site.config().database(), failure);
    if (classifier.lasting(hasWorked, true).isPresent()) {
      throw new ConnectException(classifier.sentence(), failure);
    }
    outage.raise(
        "%s of %s cannot be read now, and is tried again: %s"
            .formatted(site.share(), site.names().outbox(), classifier.sentence()));
    session = null;
    reading = null;
    opening = vertx.start(this::openAgain);
  }

  private Future<ShardSession> openAgain() {
    var ended = newest;
    return (ended == null
            ? Future.<Void>succeededFuture()
            : ended
                .close()
                .compose(
                    closed ->
                        Future.fromCompletionStage(
                            ended.confirms().completion(), site.vertx().getOrCreateContext())))
        .compose(confirmed -> site.vertx().timer(BETWEEN_TRIES.toMillis(), TimeUnit.MILLISECONDS))
        .compose(passed -> open());
  }

  /**
   * Stores the position up to which events are confirmed, and releases the shard. Waits at most a
   * few seconds.
   */
  void close() {
    var last = newest;
    if (last != null) {
      vertx.call(last::close, CLOSES_WITHIN);
    }
  }
}
