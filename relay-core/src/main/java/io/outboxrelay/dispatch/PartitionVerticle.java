package io.outboxrelay.dispatch;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the events of one partition on one event loop, through a publisher that only this
 * partition uses.
 *
 * <p>Its methods may be called from any thread.
 */
public final class PartitionVerticle extends VerticleBase {
  private static final long TICK_MILLIS = 1_000;

  private final Broker broker;
  private final Backoff backoff;
  private final PartitionRecorder traffic;
  private @Nullable PublisherConnector link;
  private @Nullable TermContext term;
  private @Nullable OrderedDispatcher dispatcher;

  /**
   * @param traffic records what happens to the events of this partition
   */
  public PartitionVerticle(Broker broker, Backoff backoff, PartitionRecorder traffic) {
    this.broker = broker;
    this.backoff = backoff;
    this.traffic = traffic;
  }

  @Override
  public Future<?> start() {
    traffic.health().tick();
    vertx.setPeriodic(TICK_MILLIS, passed -> traffic.health().tick());
    return Future.succeededFuture();
  }

  /** Connects before a term begins, so that a standby knows that the broker answers. */
  Future<Void> prepare() {
    return onLoop(() -> connect().mapEmpty());
  }

  /** Connects and passes sample events to {@link Publisher#warmUp}. */
  void warmUp(List<OutboxEvent> events) {
    context.runOnContext(
        told -> connect().onSuccess(publisher -> events.forEach(publisher::warmUp)));
  }

  /**
   * Begins a term; events of earlier terms are no longer published. Completes once the broker has
   * answered, however long that takes; fails if the term has ended by then.
   */
  Future<Void> begin(TermContext beginning) {
    return onLoop(
        () -> {
          term = beginning;
          return connect().compose(publisher -> begin(beginning, publisher));
        });
  }

  private Future<Void> begin(TermContext beginning, Publisher publisher) {
    if (!beginning.equals(term)) {
      return Future.failedFuture("the term ended before the broker had answered");
    }
    var way =
        new OrderedDispatcher.PublisherBinding(
            publisher, broker.ordering(), broker::destination, traffic);
    dispatcher = new OrderedDispatcher(vertx, way, backoff, beginning);
    return Future.succeededFuture();
  }

  /** Publishes a slice; fails the slice if no term is under way. */
  void publish(PageSlice slice) {
    context.runOnContext(
        event -> {
          var current = dispatcher;
          if (current != null) {
            current.accept(slice);
          } else {
            slice.abandon(new TermEndedException());
          }
        });
  }

  /**
   * Runs {@code action} on the event loop with the dispatcher of the current term; fails if no term
   * is under way.
   */
  <T> Future<T> withDispatcher(Function<OrderedDispatcher, Future<T>> action) {
    return onLoop(
        () -> {
          var current = dispatcher;
          return current == null
              ? Future.failedFuture(new TermEndedException())
              : action.apply(current);
        });
  }

  /** Ends the term: waiting events are dropped. Completes when nothing is in flight. */
  Future<Void> end() {
    return onLoop(this::endTerm);
  }

  @Override
  public Future<?> stop() {
    traffic.health().rests();
    return endTerm().eventually(this::disconnect);
  }

  private Future<Void> endTerm() {
    var current = dispatcher;
    term = null;
    dispatcher = null;
    if (current == null) {
      return Future.succeededFuture();
    }
    current.abandon();
    return disconnect();
  }

  private Future<Publisher> connect() {
    var current = link;
    if (current == null) {
      current = PublisherConnector.to(broker, vertx, backoff, traffic);
      link = current;
    }
    return current.opened();
  }

  private Future<Void> disconnect() {
    var current = link;
    link = null;
    return current == null ? Future.succeededFuture() : current.close();
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> action) {
    Promise<T> result = Promise.promise();
    context.runOnContext(
        event -> {
          try {
            action.get().onComplete(result);
          } catch (Throwable e) {
            // Otherwise the caller would wait for ever.
            result.tryFail(e);
          }
        });
    return result.future();
  }
}
