package io.outboxrelay.publish;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestBroker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Configures, connects, calls and closes publishers of one broker for tests. */
public abstract class PublisherFixture {

  protected Vertx vertx;
  protected Context context;
  private final List<Publisher> publishers = new ArrayList<>();

  /** Returns the server to publish to; tests of outages break it and repair it afterwards. */
  protected abstract TestBroker broker();

  protected abstract PublisherProvider provider();

  /** Returns the settings that send every event to the destination {@code template}. */
  protected abstract Map<String, Object> destinationSetting(String template);

  @BeforeEach
  void startVertx() {
    vertx = Vertx.vertx();
    context = vertx.getOrCreateContext();
  }

  @AfterEach
  void closeEverything() {
    publishers.forEach(publisher -> await(onContext(publisher::close)));
    await(vertx.close());
  }

  /** Returns the broker, configured with the settings of its server and {@code more}. */
  @SafeVarargs
  protected final Broker configure(Map<String, Object>... more) {
    var all = new HashMap<>(broker().settings());
    for (var settings : more) {
      all.putAll(settings);
    }
    var settings = Settings.of("test", all);
    var broker = provider().configure(settings);
    settings.verify();
    return broker;
  }

  @SafeVarargs
  protected final Publisher connect(Map<String, Object>... more) {
    return connect(configure(more));
  }

  /** Connects a publisher, which is closed after the test. */
  protected final Publisher connect(Broker broker) {
    var publisher = await(onContext(() -> broker.connect(vertx)));
    publishers.add(publisher);
    return publisher;
  }

  @SafeVarargs
  protected final Future<Publisher> connecting(Map<String, Object>... more) {
    var broker = configure(more);
    return onContext(() -> broker.connect(vertx));
  }

  @SafeVarargs
  protected final List<Finding> check(
      Collection<OutboxEvent> samples, Map<String, Object>... more) {
    var broker = configure(more);
    return await(onContext(() -> broker.check(vertx, samples)));
  }

  /** Publishes from the event loop that the publisher was connected on, as the relay does. */
  protected final Future<Void> publish(Publisher publisher, OutboxEvent event) {
    return onContext(() -> publisher.publish(event));
  }

  /** Publishes under {@link RelayRule} and checks that the declared ordering was kept. */
  protected final RelayRule.Outcome publishLikeTheRelay(
      Publisher publisher, List<OutboxEvent> events) {
    var outcome = await(rule(publisher).publish(events));
    assertThat(outcome.violations()).isEmpty();
    return outcome;
  }

  final RelayRule rule(Publisher publisher) {
    var ordering = configure(destinationSetting("d")).ordering();
    return new RelayRule(vertx, context, publisher, ordering);
  }

  /** Runs {@code call} on the event loop; the future has the outcome of the call's future. */
  protected final <T> Future<T> onContext(Supplier<Future<T>> call) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        start -> {
          try {
            call.get().onComplete(promise);
          } catch (RuntimeException e) {
            promise.tryFail(e);
          }
        });
    return promise.future();
  }

  /** Waits for a future for long enough that a broker can restart meanwhile. */
  protected final <T> T await(Future<T> future) {
    return done(future);
  }

  /**
   * Returns the messages that arrived at a destination, after waiting for {@code count} of them.
   */
  protected final List<ReceivedMessage> consume(String destination, int count) {
    var timeout = count == 0 ? Duration.ofSeconds(1) : PATIENCE;
    return broker().consume(destination, count, timeout);
  }
}
