package io.outboxrelay.rabbitmq;

import com.sun.management.OperatingSystemMXBean;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/**
 * Prints how many events a second reach a quorum queue through the publisher, and through a bare
 * loop over the client that does the same: mandatory, persistent, confirmed, the same headers.
 *
 * <p>Arguments: the address of a RabbitMQ, events per round, events in flight, rounds.
 */
final class ThroughputComparison {
  private static final Buffer PAYLOAD = Buffer.buffer("x".repeat(256));
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final Map<String, Object> QUORUM = Map.of("x-queue-type", "quorum");

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final RabbitConfig config;
  private final int count;
  private final int inFlight;

  private ThroughputComparison(RabbitConfig config, int count, int inFlight) {
    this.config = config;
    this.count = count;
    this.inFlight = inFlight;
  }

  public static void main(String[] arguments) throws Exception {
    String queue = "throughput-comparison";
    var settings =
        Settings.of("bench", Map.of("uri", arguments[0], "exchange", "", "routing-key", queue));
    int count = Integer.parseInt(arguments[1]);
    var comparison =
        new ThroughputComparison(
            RabbitConfig.from(settings), count, Integer.parseInt(arguments[2]));
    comparison.run(queue, Integer.parseInt(arguments[3]));
    comparison.vertx.close().await();
  }

  /** The order changes every round, because work left in the broker slows down the next run. */
  private void run(String queue, int rounds) throws Exception {
    var bare = new ArrayList<Figures>();
    var publisher = new ArrayList<Figures>();
    for (int round = 0; round < rounds; round++) {
      if (round % 2 == 0) {
        bare.add(measure(queue, this::bare));
      }
      publisher.add(measure(queue, this::publisher));
      if (round % 2 == 1) {
        bare.add(measure(queue, this::bare));
      }
      System.out.printf("bare %s, publisher %s%n", bare.get(round), publisher.get(round));
    }
    System.out.printf("medians: bare %s, publisher %s%n", median(bare), median(publisher));
  }

  private static Figures median(List<Figures> figures) {
    figures.sort(Comparator.comparingDouble(Figures::perSecond));
    return figures.get(figures.size() / 2);
  }

  private interface Run {
    void publishAll() throws Exception;
  }

  /** The result of a run; the processor time is that of this process only. */
  private record Figures(double perSecond, double microsPerEvent) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%.0f/s at %.1f us of processor time each", perSecond, microsPerEvent);
    }
  }

  private Figures measure(String queue, Run run) throws Exception {
    try (var connection = new RabbitConnectionFactory(vertx, config).connect();
        var channel = connection.createChannel()) {
      channel.queueDeclare(queue, true, false, false, QUORUM);
      long cpu = PROCESS.getProcessCpuTime();
      long start = System.nanoTime();
      run.publishAll();
      long nanos = System.nanoTime() - start;
      cpu = PROCESS.getProcessCpuTime() - cpu;
      channel.queueDelete(queue);
      return new Figures(count * 1e9 / nanos, cpu / 1e3 / count);
    }
  }

  private void bare() throws Exception {
    var messages = new MessageFactory(config);
    var free = new Semaphore(inFlight);
    var unconfirmed = new ConfirmBuffer();
    try (var connection = new RabbitConnectionFactory(vertx, config).connect();
        var channel = connection.createChannel()) {
      channel.confirmSelect();
      channel.addConfirmListener(
          (number, multiple) -> free.release(unconfirmed.confirm(number, multiple).size()),
          (number, multiple) -> System.out.println("nack"));
      for (int seq = 1; seq <= count; seq++) {
        var event = event(seq);
        var message = messages.of(event);
        free.acquire();
        unconfirmed.add(new PendingPublish(event, Runnable::run));
        channel.basicPublish(
            message.exchange(),
            message.routingKey(),
            true,
            message.properties(),
            message.body().getBytes());
      }
      free.acquire(inFlight);
    }
  }

  private void publisher() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        start ->
            RabbitPublisher.connect(vertx, config)
                .onSuccess(publisher -> new Feed(publisher, done).fill())
                .onFailure(done::fail));
    done.future().await();
  }

  /** Keeps a fixed number of events in flight, as the relay's partitions do. */
  private final class Feed {
    private final Publisher publisher;
    private final Promise<Void> done;
    private int published;
    private int confirmed;

    private Feed(Publisher publisher, Promise<Void> done) {
      this.publisher = publisher;
      this.done = done;
    }

    private void fill() {
      while (published < count && published - confirmed < inFlight) {
        publisher.publish(event(++published)).onComplete(ok -> confirm(), done::tryFail);
      }
    }

    private void confirm() {
      confirmed++;
      if (confirmed == count) {
        publisher.close().onComplete(done);
      } else {
        fill();
      }
    }
  }

  private static OutboxEvent event(long seq) {
    return OutboxEvent.builder(seq, new UUID(seq, seq))
        .aggregate("order", "order-" + seq % 10_000)
        .type("OrderPlaced")
        .payload(PAYLOAD, "application/json")
        .build();
  }
}
